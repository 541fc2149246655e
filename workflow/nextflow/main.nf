#!/usr/bin/env nextflow
// A BIDS data set, participant by participant: inspect → translate → evaluate where it is asked for → sum up.
//
//   nextflow run workflow/nextflow -profile local --data bids/ --model model.onnx --out results
//
// Not run by its authors yet: docs/workflows.md.

process INSPECT {
    publishDir params.out, mode: 'copy'

    input:
    path data, stageAs: 'bids'

    output:
    path 'inspect.json'

    script:
    """
    utad inspect bids --json > inspect.json || { [ \$? -eq 1 ] && [ -s inspect.json ]; }
    """
}

// An exit status of 1 with a record says that something is wrong with this participant; the others go on.
process PARTICIPANT {
    tag "${label}"
    label 'network'

    input:
    path data, stageAs: 'bids'
    path model
    val label

    output:
    path 'translated'

    script:
    """
    utad bids bids translated participant --participant-label '${label}' --model '${model}' \\
        --to '${params.to}' --jobs 1 --threads ${task.cpus} ${params.options} \\
        || { [ \$? -eq 1 ] && ls translated/logs/*.json > /dev/null; }
    """
}

process EVALUATE {
    label 'network'
    publishDir params.out, mode: 'copy'

    input:
    path data, stageAs: 'bids'
    path model

    output:
    path 'evaluation'

    script:
    """
    utad evaluate bids --model '${model}' --out evaluation --jobs 1 --threads ${task.cpus} \\
        || { [ \$? -eq 1 ] && [ -s evaluation/report.json ]; }
    """
}

// Each participant was translated in a folder of its own: they become one, with the table of all.
process GROUP {
    publishDir params.out, mode: 'copy'

    input:
    path data, stageAs: 'bids'
    path parts, stageAs: 'part*'

    output:
    path 'utad'

    script:
    """
    mkdir utad
    for part in part*; do cp -rL "\$part"/. utad/; done
    utad bids bids utad group
    """
}

workflow {
    if (!params.data || !params.model) {
        error 'Expected --data <BIDS folder> and --model <file>, got neither or one. Give both.'
    }
    data = file(params.data, type: 'dir', checkIfExists: true)
    model = file(params.model, checkIfExists: true)
    labels = Channel.fromPath("${params.data}/sub-*", type: 'dir').map { folder -> folder.name }

    INSPECT(data)
    PARTICIPANT(data, model, labels)
    GROUP(data, PARTICIPANT.out.collect())
    if (params.evaluate) {
        EVALUATE(data, model)
    }
}

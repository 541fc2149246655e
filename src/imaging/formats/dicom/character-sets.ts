/** Defined terms of Specific Character Set and the label that a TextDecoder knows. @source DICOM PS3.3, C.12.1.1.2. */
const decoderLabels: Readonly<Record<string, string>> = {
  'ISO_IR 100': 'windows-1252',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
  'ISO 2022 IR 87': 'iso-2022-jp',
  'ISO 2022 IR 159': 'iso-2022-jp',
  'ISO 2022 IR 149': 'euc-kr',
  'ISO 2022 IR 58': 'gb18030',
};

/**
 * Text of an element in the file's character set, for showing; bytes that do not fit become replacement signs.
 * Of several sets the one that takes more than a byte a letter decodes.
 */
export function decodeText(bytes: Uint8Array, characterSets: readonly string[]): string {
  const labels = characterSets
    .map((term) => labelOf(term) ?? labelOf(term.replace('ISO 2022 IR', 'ISO_IR')))
    .filter((label) => label !== undefined);
  return decoderOf(labels.at(-1) ?? 'windows-1252').decode(bytes);
}

function labelOf(term: string): string | undefined {
  return Object.hasOwn(decoderLabels, term) ? decoderLabels[term] : undefined;
}

function decoderOf(label: string): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    // Runtimes built without all encodings still know this one.
    return new TextDecoder('utf-8');
  }
}

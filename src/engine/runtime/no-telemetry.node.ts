/**
 * Tells ONNX Runtime to send nothing: unless this is set before it starts, it keeps an identifier of the machine
 * (`~/.cache/Microsoft/DeveloperTools/.onnxruntime`) and can report how it is used over the network.
 */
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

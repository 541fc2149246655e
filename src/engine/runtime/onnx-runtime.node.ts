/** ONNX Runtime for Node; imported through this file alone, so that it is always told first to send nothing. */
import './no-telemetry.node.js';

export * from 'onnxruntime-node';

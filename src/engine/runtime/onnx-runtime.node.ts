/** ONNX Runtime for Node; imported through this file alone, so that telemetry is always switched off first. */
import './no-telemetry.node.js';

export * from 'onnxruntime-node';

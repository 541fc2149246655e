/**
 * The package's interface in a browser, `utad-net/web`; nothing here needs Node. docs/library.md shows its use.
 *
 * What the index files export is what other programs may rely on; everything else may change without notice.
 */
export type { DeviceReport } from './engine/devices/device-report.js';
export type { WebDeviceWish } from './engine/devices/devices.web.js';
export { type WebDevice, wasmFileOf } from './engine/runtime/runtime.web.js';
export * from './index.shared.js';
export { type LoadModelOptions, loadModel } from './translate/load-model.web.js';

import type { DeviceReport } from '../../src/engine/devices/device-report.js';
import { chooseWebDevice, type WebDeviceWish } from '../../src/engine/devices/devices.web.js';
import { type WebDevice, type WebRuntimeOptions, wasmFileOf } from '../../src/engine/runtime/runtime.web.js';
import type { Volume } from '../../src/imaging/volume.js';
import { usualThreads } from '../../src/translate/load-model.web.js';
import type { LoadedModel } from '../../src/translate/loaded-model.js';
import { loadWebModel } from '../../src/translate/model.web.js';
import { prepareScan, translateScan } from '../../src/translate/prepare-scan.js';
import { type Served, serve, type Tell } from '../channel/serve.js';
import { fetchWhole } from './fetch-whole.js';

/** What a person may choose. */
export type DeviceWish = WebDeviceWish;

/** A model to load. */
interface LoadRequest {
  /** The file, or its address on the page's own host. */
  readonly model: Blob | string;
  readonly name: string;
  readonly device: DeviceWish;
  /** Address of the folder with ONNX Runtime's files. */
  readonly runtimeFiles: string;
}

/** What is being done, with a share from 0 to 1 where it is known. */
export interface LoadNews {
  readonly doing: string;
  readonly share: number | null;
}

/** What was found out about the devices. */
interface LoadResult {
  readonly device: string;
  readonly backends: readonly DeviceReport[];
}

/** A volume to translate. */
interface TranslateRequest {
  readonly volume: Volume;
  readonly source: string;
  readonly targets: readonly string[];
  readonly where: string;
  readonly brain: Volume | null;
}

/** What the worker reports meanwhile. */
export type TranslateNews =
  | { readonly kind: 'warnings'; readonly warnings: readonly string[] }
  | { readonly kind: 'progress'; readonly target: string; readonly done: number; readonly total: number }
  | { readonly kind: 'translated'; readonly target: string; readonly volume: Volume };

let loaded: LoadedModel | undefined;

/** Loading the model and running it. Ending the worker frees all of it. */
const handlers = {
  load: async (
    { model, name, device, runtimeFiles }: LoadRequest,
    tell: Tell<LoadNews>,
  ): Promise<Served<LoadResult>> => {
    const optionsOf = runtimeOptions(runtimeFiles, tell);
    const { serves, backends } = await chooseWebDevice(device, {
      now: () => performance.now(),
      optionsOf: async (name) => {
        const options = await optionsOf(name);
        tell({ doing: `Testing the ${showDevice(name)}`, share: null });
        return options;
      },
    });
    const onShare = (share: number | null): void => tell({ doing: 'Loading the model', share });
    onShare(null);
    const bytes =
      typeof model === 'string'
        ? await fetchWhole(model, onShare)
        : new Uint8Array(await model.arrayBuffer());
    await loaded?.close();
    loaded = undefined;
    loaded = await loadWebModel(bytes, name, serves, optionsOf);
    return { result: { device: loaded.device, backends } };
  },
  translate: async (
    { volume, source, targets, where, brain }: TranslateRequest,
    tell: Tell<TranslateNews>,
  ): Promise<Served<null>> => {
    const model = loaded!;
    const scan = prepareScan(volume, model.metadata, {
      source,
      where,
      ...(brain === null ? {} : { brain }),
    });
    tell({ kind: 'warnings', warnings: scan.warnings });
    for (const target of targets) {
      const { volume: synthetic } = await translateScan(scan, model, target, (done, total) =>
        tell({ kind: 'progress', target, done, total }),
      );
      tell({ kind: 'translated', target, volume: synthetic }, [synthetic.data.buffer]);
    }
    return { result: null };
  },
};

/** What the translating worker offers. */
export type TranslateWork = typeof handlers;

function showDevice(name: WebDevice): string {
  return name === 'wasm' ? 'processor' : 'graphics card';
}

/** Fetches a device's runtime once, with its progress. */
function runtimeOptions(
  files: string,
  tell: Tell<LoadNews>,
): (device: WebDevice) => Promise<WebRuntimeOptions> {
  const fetched = new Map<WebDevice, Promise<Uint8Array>>();
  const threads = usualThreads();
  return async (device) => {
    const doing = `Loading what computes on the ${showDevice(device)}`;
    const wasm =
      fetched.get(device) ?? fetchWhole(files + wasmFileOf(device), (share) => tell({ doing, share }));
    fetched.set(device, wasm);
    return { files, threads, wasm: await wasm };
  };
}

serve(self as never, handlers);

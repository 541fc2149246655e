import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseWebDevice } from './devices.web.js';

const now = (): number => 0;
const optionsOf = async (): Promise<never> => {
  throw new Error('its files are not there');
};

afterEach(() => void vi.unstubAllGlobals());

describe('the choice of a browser’s device', () => {
  it('refuses the one that is asked for where it does not serve, and says why', async () => {
    await expect(chooseWebDevice('wasm', { now, optionsOf })).rejects.toThrow(
      'device wasm: expected a device of this browser that computes rightly, got wasm: its files are not there. ' +
        'Choose another device.',
    );
  });

  it('tries the graphics card only where there is one, and uses none that was not found right', async () => {
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } });
    await expect(chooseWebDevice('auto', { now, optionsOf })).rejects.toThrow(
      'got wasm: its files are not there. Use another browser.',
    );
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => ({}) } });
    await expect(chooseWebDevice('auto', { now, optionsOf })).rejects.toThrow(
      'got wasm: its files are not there; webgpu: its files are not there. Use another browser.',
    );
  });
});

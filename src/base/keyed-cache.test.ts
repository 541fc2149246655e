import { describe, expect, it } from 'vitest';
import { keyedCache } from './keyed-cache.js';

describe('keyedCache', () => {
  const cacheWithLog = () => {
    const log: string[] = [];
    const open = async ({ name }: { readonly name: string; readonly note: number }) => {
      if (name === 'broken') throw new Error('cannot open');
      log.push(`open ${name}`);
      return { name, close: async () => void log.push(`close ${name}`) };
    };
    return {
      log,
      cache: keyedCache(({ name }: { readonly name: string; readonly note: number }) => name, open),
    };
  };

  it('opens a tool once for requests with the same key, and closes it before another', async () => {
    const { log, cache } = cacheWithLog();
    const first = await cache.open({ name: 'a', note: 1 });
    expect(await cache.open({ name: 'a', note: 2 })).toBe(first);
    expect((await cache.open({ name: 'b', note: 1 })).name).toBe('b');
    expect(log).toEqual(['open a', 'close a', 'open b']);
    await cache.close();
    await cache.close();
    expect(log).toEqual(['open a', 'close a', 'open b', 'close b']);
  });

  it('holds nothing after a tool that could not be opened', async () => {
    const { log, cache } = cacheWithLog();
    await cache.open({ name: 'a', note: 1 });
    await expect(cache.open({ name: 'broken', note: 1 })).rejects.toThrow('cannot open');
    await cache.open({ name: 'a', note: 1 });
    await cache.close();
    expect(log).toEqual(['open a', 'close a', 'open a', 'close a']);
  });
});

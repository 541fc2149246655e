import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import {
  type ErrorCode,
  type LoadedModel,
  readNifti,
  translateVolume,
  UtadError,
  writeNifti,
} from 'utad-net';

/** What one request and all together may take. */
export interface Limits {
  /** Bytes of an upload, as it is sent. */
  readonly bytes: number;
  /** Voxels of a volume: what is packed may grow a thousandfold. */
  readonly voxels: number;
  /** Seconds that a request may take, the waiting for others included. */
  readonly seconds: number;
  /** Requests that are worked on or wait; further ones are sent away. */
  readonly requests: number;
}

/** What a refusal of the package means in HTTP; everything else is a fault of the server. */
const statusOf: Partial<Record<ErrorCode, 400 | 413 | 422 | 503>> = {
  'bad-argument': 400,
  'bad-file': 422,
  'bad-shape': 422,
  'bad-value': 422,
  'not-supported': 413,
  interrupted: 503,
};

/**
 * `POST /translate?from=t1&to=flair` with a NIfTI file as its body answers with the translated one.
 *
 * Volumes are held in memory alone, and nothing of them is logged.
 */
export function createApp(model: LoadedModel, limits: Limits): Hono {
  const app = new Hono();
  const { modalities } = model.metadata.model;
  let present = 0;
  // One translation at a time: the model uses all cores already.
  let turn: Promise<unknown> = Promise.resolve();

  app.get('/modalities', (context) => context.json({ modalities }));

  app.post(
    '/translate',
    async (context, next) => {
      // Counted before the body is read, so that waiting uploads take no memory.
      if (present >= limits.requests) {
        context.header('retry-after', '10');
        return context.json(problem('busy', 'Too many requests at once. Try again later.'), 429);
      }
      present++;
      try {
        await next();
      } finally {
        present--;
      }
      return;
    },
    bodyLimit({
      maxSize: limits.bytes,
      onError: (context) =>
        context.json(problem('too-large', `An upload may have ${limits.bytes} bytes at most.`), 413),
    }),
    async (context) => {
      const { from: source = '', to: target = '' } = context.req.query();
      const unknown = [source, target].find((name) => !modalities.includes(name));
      if (unknown !== undefined) {
        const todo = `Name two of ${modalities.join(', ')}: /translate?from=t1&to=t2`;
        return context.json(problem('bad-argument', `“${unknown}” is no modality. ${todo}`), 400);
      }
      const upload = new Uint8Array(await context.req.arrayBuffer());
      // Ends when the time is over, and when the client has gone.
      const signal = AbortSignal.any([AbortSignal.timeout(1000 * limits.seconds), context.req.raw.signal]);
      const work = turn.then(async () => {
        const reading = { maximumVoxels: limits.voxels, maximumBytes: 16 * limits.voxels };
        const scan = readNifti(upload, 'upload', { limits: reading });
        const translated = await translateVolume(scan, { model, source, target, where: 'upload', signal });
        const description = `synthetic ${target} from ${source}, utad-net example`;
        return writeNifti(translated, { gzip: true, description });
      });
      turn = work.catch(() => undefined);
      return new Response((await work) as Uint8Array<ArrayBuffer>, {
        headers: {
          'content-type': 'application/gzip',
          'content-disposition': `attachment; filename="${target}-synthetic.nii.gz"`,
        },
      });
    },
  );

  app.notFound((context) =>
    context.json(problem('not-found', 'POST /translate and GET /modalities is all there is.'), 404),
  );
  app.onError((error, context) => {
    if (error.name === 'TimeoutError')
      return context.json(problem('timeout', `It took more than ${limits.seconds} seconds.`), 503);
    if (!(error instanceof UtadError)) {
      console.error(error);
      return context.json(problem('defect', 'The server failed.'), 500);
    }
    return context.json(problem(error.code, error.message), statusOf[error.code] ?? 500);
  });
  return app;
}

function problem(code: string, message: string): { readonly error: { code: string; message: string } } {
  return { error: { code, message } };
}

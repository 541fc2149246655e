// Runs before the install scripts of this package's dependencies. That of onnxruntime-node would download CUDA libraries
// (64-bit Linux only, some hundred megabytes) and end the whole installation with an error where their host cannot be
// reached. utad-net computes without them, so files of length 0 stand in their place: the script then finds nothing
// missing. Whoever asks for the libraries, by an option of onnxruntime-node or as a dependency of their own, gets them.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

/** Whether the person who installs asks for onnxruntime-node's own files. */
function isAskedFor() {
  const { npm_config_onnxruntime_node_install, npm_config_local_prefix: project } = process.env;
  if (npm_config_onnxruntime_node_install ?? process.env.ONNXRUNTIME_NODE_INSTALL) return true;
  if (project === undefined) return false;
  const path = join(project, 'package.json');
  if (!existsSync(path)) return false;
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(path, 'utf8'));
  return 'onnxruntime-node' in { ...dependencies, ...devDependencies, ...optionalDependencies };
}

try {
  if (!isAskedFor()) {
    const runtime = dirname(require.resolve('onnxruntime-node/package.json'));
    const { requirements, manifests } = require(join(runtime, 'script/install-metadata.js'));
    const platform = `${process.platform}/${process.arch}`;
    for (const name of requirements[platform] ?? [])
      for (const file of Object.keys(manifests[`${platform}:${name}`])) {
        const path = join(runtime, 'bin/napi-v6', platform, file);
        if (!existsSync(path)) writeFileSync(path, '');
      }
  }
} catch {
  // Without this the script of onnxruntime-node does as it always does.
}

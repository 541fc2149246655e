import { convertEarlier, type EarlierFields } from '../base/earlier-fields.js';
import { isRecord } from '../base/is-record.js';

/** How version 0.1.0 named what a network consists of, in its model files. */
export const earlierNetworkFields: EarlierFields = {
  renamed: {
    features: 'baseChannels',
    criticFeatures: 'criticBaseChannels',
    neighbours: 'contextSlices',
    brainPlane: 'brainMaskChannel',
  },
  removed: { fusionNorm: 'batch', criticNorm: 'none' },
};

/**
 * Metadata of a model file with the network named as in this version.
 *
 * @param where the file's name, for messages
 * @throws UtadError not-supported for a network with an option that was removed.
 */
export function convertEarlierNetwork(metadata: unknown, where: string): unknown {
  if (!isRecord(metadata) || !isRecord(metadata['model'])) return metadata;
  return { ...metadata, model: convertEarlier(metadata['model'], earlierNetworkFields, where) };
}

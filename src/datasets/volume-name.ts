/** What a volume's name says that it holds. */
export type VolumeName =
  | { readonly kind: 'modality'; readonly modality: string }
  /** The mask of a tumour, or of a brain. */
  | { readonly kind: 'tumour' | 'brain' }
  /** It may be one of these: modalities, or `seg` for a tumour mask. A person has to say which. */
  | { readonly kind: 'unsure'; readonly like: readonly string[]; readonly because: string }
  /** None of the modalities and no tumour mask. */
  | { readonly kind: 'other'; readonly because: string }
  /** It says nothing. */
  | { readonly kind: 'unknown' };

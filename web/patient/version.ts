declare const __UTAD_VERSION__: string;

/** The version of the package that this page was built from. */
export const pageVersion: string = __UTAD_VERSION__;

// What building and packing the CUDA library agree on. Each set of cards has a folder of its own, so that neither is taken for the other.
export const build = 'native/build-cuda';

/** The release that the library is compiled and run with: src/engine/cudf.ts asks for the same. */
export const cudf = '26.10';

export const cardsOf = (release) => (release ? [75, 80, 86, 89, 90, 100, 120] : [90]);

export const libraryOf = (release) => `${build}/${cardsOf(release).join('-')}/libgpuparser_cuda.so`;

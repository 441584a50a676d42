/** Lists of words that say nothing by themselves, by language (ISO 639-3, some shortened). The package has no types. */
declare module 'stopword' {
  const lists: Readonly<Record<string, unknown>>;
  export default lists;
}

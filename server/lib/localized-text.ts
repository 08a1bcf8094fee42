export type LocalizedText = { zh: string; en: string }
/** A localized text as a pair, for tables with very many texts. */
export type LocalizedPair = readonly [zh: string, en: string]

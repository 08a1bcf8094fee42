/** A text in both languages of the product. */
export type LocalizedText = { zh: string; en: string }
/** [中文, English]: the same where very many are written side by side. */
export type LocalizedPair = readonly [zh: string, en: string]

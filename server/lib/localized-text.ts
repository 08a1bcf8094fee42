/** A text in both languages of the product. */
export type LocalizedText = { zh: string; en: string }

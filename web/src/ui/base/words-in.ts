/** The codes or names of a text, each once; they are parted by spaces, commas or semicolons. */
export const wordsIn = (text: string) => [...new Set(text.split(/[\s,，;；、]+/).filter(Boolean))]

import type { LocalizedPair } from '../../words.ts'

// For each letter, the first Chinese character in the order of pinyin. No syllable begins with i, u or v.
const firsts = '阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥扨它穵夕丫帀'
const letters = 'abcdefghjklmnopqrstwxyz'
const order = new Intl.Collator('zh-CN-u-co-pinyin')

/** 快递公司 → "kdgs", as people type without changing the keyboard. The browser sorts Chinese by pinyin, which yields the letters. */
export function initialsOf(text: string): string {
  return [...text].map(initialOf).join('').toLowerCase()
}

function initialOf(character: string): string {
  if (!/\p{Script=Han}/u.test(character)) return /[\w]/.test(character) ? character : ''
  const at = [...firsts].findLastIndex((first) => order.compare(first, character) <= 0)
  return letters[at] ?? ''
}

/** True if the typed text is a part of the Chinese label, of its initials, or the beginning of an English word of it. */
export function isTyped([zh, en]: LocalizedPair, typed: string): boolean {
  const text = typed.trim().toLowerCase()
  return (
    zh.toLowerCase().includes(text) ||
    ` ${en.toLowerCase()}`.includes(` ${text}`) ||
    initialsOf(zh).includes(text)
  )
}

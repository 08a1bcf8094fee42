import { readFileSync } from 'node:fs'

/**
 * True for a password that is guessed early: words, rows of keys, counting, dates and repetitions, joined and slightly changed. Without
 * these parts hardly a letter of it is left.
 */
export function isCommonPassword(password: string): boolean {
  const plain = password.toLowerCase()
  if (isRepeated(plain)) return true
  const undressed = [...plain].map((letter) => lookalikes[letter] ?? letter).join('')
  return leftOf(plain) < ownLetters || leftOf(undressed) < ownLetters
}

/** At least this many letters must be left of a password without its known parts. */
const ownLetters = 3

const lookalikes: Record<string, string> = {
  '@': 'a',
  $: 's',
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '5': 's',
  '7': 't',
  '!': 'i',
}

/** True for repetitions such as abcabcabca. */
function isRepeated(text: string): boolean {
  return [1, 2, 3, 4, 5].some(
    (length) => text === text.slice(0, length).repeat(text.length).slice(0, text.length),
  )
}

/** Returns the number of letters that are left without the known parts. The longest parts are removed first. */
function leftOf(text: string): number {
  let left = text
  for (const word of words) left = left.replaceAll(word, ' ')
  left = left.replaceAll(rows, ' ')
  // Removes the digits and signs that are left: years, days, phone numbers, counting, and signs that a rule may have required.
  left = left.replaceAll(/[^\p{L}]+/gu, '')
  return left.length
}

/** Rows of keys, and the alphabet. Parts of them with three or more letters are removed, forwards and backwards, straight and zigzag. */
const lines = [
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'abcdefghijklmnopqrstuvwxyz',
  '1234567890',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  'zaqxswcdevfrbgtnhymjukilop',
  'qawsedrftgyhujikolp',
  'qweasdzxc',
  'qwerasdfzxcv',
]

const rows = new RegExp(
  lines
    .flatMap((line) => [line, [...line].reverse().join('')])
    .flatMap((line) =>
      Array.from(
        { length: line.length - 2 },
        (_, at) => `${line.slice(at, at + 3)}${follow(line.slice(at + 3))}`,
      ),
    )
    .join('|'),
  'g',
)

/** Returns a pattern that matches any beginning of a text: "def" → (?:d(?:e(?:f)?)?)? */
function follow(rest: string): string {
  return [...rest].reduceRight((inside, letter) => `(?:${letter}${inside})?`, '')
}

/** The frequent parts of leaked passwords, with four or more letters, and common words of this trade. */
const words = readFileSync(new URL('common-words.txt', import.meta.url), 'utf8')
  .trim()
  .split(/\s+/)
  .sort((a, b) => b.length - a.length)

import { readFileSync } from 'node:fs'

/**
 * Whether a password is one of those that guessing begins with: what people type again and again is words, rows of keys, counting, dates
 * and the same once more, joined and dressed up a little. Taken apart, such a password leaves nothing of its own.
 */
export function isCommonPassword(password: string): boolean {
  const plain = password.toLowerCase()
  if (isRepeated(plain)) return true
  const undressed = [...plain].map((letter) => lookalikes[letter] ?? letter).join('')
  return leftOf(plain) < ownLetters || leftOf(undressed) < ownLetters
}

/** Letters that no word, row or number accounts for. */
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

/** abcabcabca, aaaaaaaaaa */
function isRepeated(text: string): boolean {
  return [1, 2, 3, 4, 5].some(
    (length) => text === text.slice(0, length).repeat(text.length).slice(0, text.length),
  )
}

/** What is left of it when everything that is known is taken out, the longest first. */
function leftOf(text: string): number {
  let left = text
  for (const word of words) left = left.replaceAll(word, ' ')
  left = left.replaceAll(rows, ' ')
  // Years, days, phones, counting; and the signs that a rule asked for.
  left = left.replaceAll(/[^\p{L}]+/gu, '')
  return left.length
}

/** Parts of rows of keys, both ways, straight down and zigzag, and of the alphabet; three letters and more. */
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

/** "def" → (?:d(?:e(?:f)?)?)? */
function follow(rest: string): string {
  return [...rest].reduceRight((inside, letter) => `(?:${letter}${inside})?`, '')
}

/** Of published lists of leaked passwords, what recurs in them of four letters and more; and what is at hand in this trade. */
const words = readFileSync(new URL('common-words.txt', import.meta.url), 'utf8')
  .trim()
  .split(/\s+/)
  .sort((a, b) => b.length - a.length)

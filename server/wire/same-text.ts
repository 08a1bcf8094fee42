import { timingSafeEqual } from 'node:crypto'

/** True if the texts are equal. It takes the same time wherever they differ, so that a signature cannot be guessed by measuring. */
export function sameText(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}

import { entryOf, type Fields, longest, textAt } from '../../connectors/fields.ts'
import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { scrub } from '../../wire/scrub.ts'

/**
 * The codes that may pass; every other one is `rejected`: 400 and 30001 parameters, 501 sent twice, 503 and 30002 signature, 600 and 30003
 * key, 601 and 30004 key expired or no labels left. The page of the label service has the five-digit codes, those of printing and tracking
 * the others, so both are read. 500 may also be a refusal of the courier that never passes, so the caller must end it after some tries.
 */
const codes: Readonly<Record<string, PlatformErrorKind>> = { '-1': 'retry', 500: 'retry' }

/**
 * Makes the error of an answer without success. It is never unclear: a request that 快递100 answered with 500 is repeated under the same key,
 * which gives the same number.
 */
export function labelError(answer: Fields, secrets: readonly string[]): PlatformError {
  const code = codeIn(answer)
  const hint = code === '501' ? '单号可能已经给出，到快递100 后台查' : ''
  const message = [code, textAt(answer, 'message', longest.text), hint].filter(Boolean).join(' · ')
  return new PlatformError(entryOf(codes, code) ?? 'rejected', code || 'unknown', scrub(message, secrets))
}

/** The pages of the label service call it `code`, those of printing `returnCode`. */
const codeIn = (answer: Fields): string =>
  textAt(answer, 'code', longest.word) || textAt(answer, 'returnCode', longest.word)

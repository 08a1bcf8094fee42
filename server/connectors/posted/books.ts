import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import type { PostedBooks } from '../posted.ts'

/** @throws {PlatformError} if the caller did not open the books. */
export function booksOf({ books, signal }: Call): PostedBooks {
  if (signal?.aborted) throw new PlatformError('retry', 'aborted', 'The call was stopped before it was made.')
  if (!books) throw new PlatformError('rejected', 'unsupported', 'What the shop has posted was not opened.')
  return books
}

import type { TObject } from 'typebox'
import type { LocalizedText } from '../lib/localized-text.ts'
import type { Page, Window } from './lists.ts'

export type PostedKind = 'trade' | 'refund'

/** What a shop has posted to us: the newest version of each document, in place of a platform that can be asked. */
export type PostedBooks = {
  /** The documents that were received in the window, the newest first: how many there are, and the numbers of this page. */
  received(kind: PostedKind, window: Window, page: Page): Promise<{ total: number; numbers: string[] }>
  /** Returns a document as it was posted; undefined: the shop has posted none with this number. */
  document(kind: PostedKind, number: string): Promise<string | undefined>
  /** Returns the refunds of a trade as they were posted, the one that changed last at the end. */
  refundsOf(tid: string): Promise<string[]>
  /**
   * Replaces a trade by what `change` makes of it and of its refunds, as its new version, under the lock of its row. Returns false if the shop
   * has no such trade. An error of `change` leaves it as it was.
   */
  revise(tid: string, change: Revision): Promise<boolean>
}

/** Returns the new version of a trade. `refunds`: as `refundsOf` returns them. */
export type Revision = (trade: string, refunds: readonly string[], at: Date) => string

/** A shop that cannot be asked: its trades and refunds come to us as whole documents. `Call.books` has the newest version of each. */
export type PostedSource = {
  by: PostedBy
  /** The documents as the API document shows them. */
  schemas: Readonly<Record<PostedKind, TObject>>
  /** Judges one posted document. Never throws. */
  read(kind: PostedKind, document: unknown): PostedDocument | PostedFault
}

/** Where the documents come from: `door`, the shop posts them with an API key; `sheet`, a user uploads them as a spreadsheet. */
type PostedBy = 'door' | 'sheet'

/** `versionAt`: when the shop changed it last. The newest version is kept. */
export type PostedDocument = { number: string; tid: string; versionAt: Date }
/** `number`: empty if the document has none that can be read. `field`: a path, such as `lines.0.quantity`. */
export type PostedFault = { code: string; number: string; field: string; message: LocalizedText }

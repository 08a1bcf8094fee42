import { defineVerb, plain } from '../core/verbs.ts'
import { AppError } from '../errors.ts'
import { approveFields, unfreezeFields } from './contract.ts'
import { endCounts } from './counting/count.ts'
import { approveDocuments, postDocuments, receiveDocuments, voidDocuments } from './documents/documents.ts'
import { unfreezeStock } from './documents/locks.ts'
import { countVerbs, documentVerbs } from './verbs-contract.ts'

const rows = { of: 'stockDocument', tag: 'stock documents' }

export const inventoryVerbs = [
  defineVerb(documentVerbs.approve, {
    rows,
    input: approveFields,
    run: (tx, ids, { seen }, by) => approveDocuments(tx, ids, by, seen),
  }),
  defineVerb(documentVerbs.post, { rows, run: plain(postDocuments) }),
  defineVerb(documentVerbs.receive, { rows, run: plain(receiveDocuments) }),
  defineVerb(documentVerbs.void, { rows, run: plain(voidDocuments) }),
  defineVerb(documentVerbs.release, {
    rows,
    input: unfreezeFields,
    run(tx, ids, { lines }, by) {
      if (lines && ids.length > 1)
        throw new AppError(
          'invalid_input',
          { detail: { zh: '部分释放一次一张', en: 'parts of one document only' } },
          'lines',
        )
      return unfreezeStock(tx, ids, lines, by)
    },
  }),
  defineVerb(countVerbs.end, { rows: { of: 'countTask', tag: 'stock' }, run: plain(endCounts) }),
]

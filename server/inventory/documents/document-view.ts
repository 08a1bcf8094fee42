import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import type { DocumentDetail } from '../contract.ts'
import { namer } from '../view.ts'
import { documentRows, linesOf } from './document-queries.ts'
import { seesDocument } from './document-scope.ts'

export async function viewDocument(db: Database, id: string, scope: Scope): Promise<DocumentDetail> {
  const [document] = await documentRows(db, [id])
  if (!document || !seesDocument(scope, document))
    throw new AppError('not_found', { what: { zh: '单据', en: 'Document' } })
  const lines = await linesOf(db, [id])
  const nameOf = await namer(db, lines)
  return { ...document, lines: lines.map((line) => ({ ...line, ...nameOf(line.skuId) })) }
}

import type { Static } from 'typebox'
import { skusOfCodes } from '../../catalog/names.ts'
import type { Tx } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import type { receiptInput } from '../contract.ts'
import type { Receipt } from './receive.ts'

/** Replaces the codes of wrong goods by SKU ids. Throws `invalid_input` for an unknown code, and for a return that was given twice. */
export async function withSkus(tx: Tx, { receipts }: Static<typeof receiptInput>): Promise<Receipt[]> {
  if (new Set(receipts.map(({ id }) => id)).size < receipts.length)
    throw new AppError(
      'invalid_input',
      { detail: { zh: '同一张退货单写了两次', en: 'one return was given twice' } },
      'receipts',
    )
  const codes = receipts.flatMap(({ wrong = [] }) => wrong.map(({ skuCode }) => skuCode.trim()))
  const skus = await skusOfCodes(tx, codes)
  const unknown = codes.find((code) => !skus.has(code))
  if (unknown !== undefined)
    throw new AppError(
      'invalid_input',
      { detail: { zh: `没有商家编码 ${unknown}`, en: `no such code: ${unknown}` } },
      'wrong',
    )
  return receipts.map(({ wrong = [], ...receipt }) => ({
    ...receipt,
    wrong: wrong.map(({ skuCode, quantity, note = '' }) => ({
      skuId: skus.get(skuCode.trim())?.id ?? '',
      quantity,
      note: note.trim(),
    })),
  }))
}

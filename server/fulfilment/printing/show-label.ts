import { isPlainLabel } from '../../carriers/plain-label-contract.ts'
import type { By } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Tx } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { type KeyRing, unseal } from '../../lib/seal.ts'
import { customContents, ownAreas } from '../papers/custom-area.ts'
import { deliveriesOfWaybills } from '../papers/paper-queries.ts'
import type { PrintDocument } from './print.ts'
import { noFields, type PrintFields, withFields } from './print-fields.ts'
import { labelOf } from './print-queries.ts'

/**
 * 预览面单: the label of the `n`th package of a delivery with the contents that `nextDocuments` hands out. Nothing is printed, and nothing counts as printed; an
 * audit row says who looked, because the label has the receiver. Throws `not_found` if no account gave the number.
 */
export async function showLabel(
  tx: Tx,
  ring: KeyRing,
  { deliveryId, n, fields = noFields }: { deliveryId: string; n: number; fields?: PrintFields },
  { actor, scope }: By,
): Promise<Pick<PrintDocument, 'source' | 'contents'>> {
  const label = await labelOf(tx, { deliveryId, n }, scope)
  const { source = '', accountShopId = '', waybillId = '', waybillNo, printData } = label ?? {}
  // The text is empty if the buyer is erased.
  const text = printData ? unseal(ring, accountShopId, printData).toString('utf8') : ''
  if (!label || text === '')
    throw new AppError('not_found', { what: { zh: '电子面单', en: 'A label from an account' } })
  const subject = { type: 'delivery', id: deliveryId }
  await audit(tx, {
    actor,
    action: 'waybill.label_shown',
    subject,
    shopId: accountShopId,
    detail: { waybillNo },
  })
  const given: unknown = JSON.parse(text)
  const content = withFields(given, { source, accountShopId }, fields)
  if (isPlainLabel(source)) {
    const deliveries = await deliveriesOfWaybills(tx, [waybillId])
    return { source, contents: [content, { deliveryIds: deliveries.map((one) => one.deliveryId) }] }
  }
  const area =
    (await customContents(tx, [label])).get(waybillId) ?? (await ownAreas(tx, [label])).get(waybillId)
  return { source, contents: area ? [content, area] : [content] }
}

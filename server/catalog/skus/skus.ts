import type { Actor } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Tx } from '../../core/db/db.ts'
import { type Answers, already, answerEach, notFound, type Outcome, type Refusal } from '../../core/decide.ts'
import { lockCatalog } from '../listings/listing-queries.ts'
import { matchSkus, noSku } from '../listings/match.ts'
import {
  barcodeOwners,
  bundlesContaining,
  type LockedSku,
  lockSkus,
  replaceBarcodes,
  retiredParts,
  type SkuPatch,
  setActive,
  skusByCode,
  writeSkus,
} from '../sku-queries.ts'

export type SkuEdit = SkuPatch & {
  id: string
  /** The version that the user saw; undefined: the version is not checked. */
  version?: number | undefined
  barcodes?: readonly string[] | undefined
}

/** Changes SKUs. If a code changes, the listings are matched again. */
export async function editSkus(tx: Tx, edits: readonly SkuEdit[], actor: Actor): Promise<Outcome[]> {
  await lockCatalog(tx)
  const skus = await lockSkus(
    tx,
    edits.map((edit) => edit.id),
  )
  const holders = await skusByCode(
    tx,
    edits.flatMap((edit) => edit.code ?? []),
  )
  const owners = await barcodeOwners(
    tx,
    edits.flatMap((edit) => edit.barcodes ?? []),
  )
  const taken = new Set<string>()
  const why = (edit: SkuEdit, sku: LockedSku): Refusal | undefined => {
    if (edit.version !== undefined && edit.version !== sku.version) return changed
    const holder = edit.code === undefined ? undefined : holders.get(edit.code)
    if (holder && holder.id !== sku.id) return codeTaken(holder.code)
    if (edit.code !== undefined && taken.has(`code ${edit.code}`)) return codeTaken(edit.code)
    const foreign = edit.barcodes?.find((code) => (owners.get(code) ?? sku.id) !== sku.id || taken.has(code))
    return foreign === undefined ? undefined : barcodeTaken(foreign)
  }
  const accepted: SkuEdit[] = []
  const seen = new Set<string>()
  const outcomes = edits.map((edit): Outcome => {
    const sku = skus.get(edit.id)
    if (!sku) return { id: edit.id, done: false, ...skuAnswers.missing }
    const refusal = seen.has(edit.id) ? editedTwice(sku.code) : why(edit, sku)
    if (refusal) return { id: edit.id, done: false, ...refusal, ref: sku.code }
    if (edit.code !== undefined) taken.add(`code ${edit.code}`)
    for (const code of edit.barcodes ?? []) taken.add(code)
    accepted.push(edit)
    seen.add(edit.id)
    return { id: edit.id, done: true, ref: edit.code ?? sku.code }
  })
  await writeEdits(tx, accepted)
  await matchSkus(
    tx,
    accepted.flatMap((edit) =>
      edit.code !== undefined && edit.code !== skus.get(edit.id)?.code ? edit.id : [],
    ),
  )
  await auditSkus(tx, 'sku.change', accepted, actor)
  return outcomes
}

async function writeEdits(tx: Tx, edits: readonly SkuEdit[]): Promise<void> {
  if (edits.length === 0) return
  await writeSkus(
    tx,
    edits.map(({ id, version: _, barcodes: __, ...patch }) => ({ id, patch })),
  )
  const coded = edits.flatMap(({ id, barcodes }) => (barcodes ? { skuId: id, codes: barcodes } : []))
  if (coded.length > 0) await replaceBarcodes(tx, coded)
}

export async function auditSkus(
  tx: Tx,
  action: string,
  rows: readonly ({ id: string } & object)[],
  actor: Actor,
): Promise<void> {
  await audit(
    tx,
    ...rows.map(({ id, ...fields }) => ({
      actor,
      action,
      subject: { type: 'sku', id },
      detail: { fields: Object.keys(fields).filter((name) => name !== 'version') },
    })),
  )
}

/** 停用: the codes match no further listing with the SKU; existing matches stay. Refused while an active bundle contains the SKU. */
export async function retireSkus(tx: Tx, ids: readonly string[], actor: Actor): Promise<Outcome[]> {
  await lockCatalog(tx)
  const skus = await lockSkus(tx, ids)
  // A bundle that is retired in the same call does not prevent its components from being retired.
  const bundles = [...skus.values()].filter((sku) => sku.isBundle && sku.active).map((sku) => sku.id)
  await setActive(tx, bundles, false)
  const holding = await bundlesContaining(tx, [...skus.keys()])
  const outcomes = answerEach(ids, skus, skuAnswers, (sku) => {
    const bundle = holding.get(sku.id)
    if (!sku.active) return already({ zh: '已停用', en: 'Retired' })
    return bundle === undefined ? undefined : inBundle(bundle)
  })
  const done = outcomes.filter((outcome) => outcome.done)
  await setActive(
    tx,
    done.flatMap(({ id }) => (bundles.includes(id) ? [] : id)),
    false,
  )
  await auditSkus(
    tx,
    'sku.retire',
    done.map(({ id }) => ({ id })),
    actor,
  )
  return outcomes
}

/**
 * 恢复: the SKU is in use again, and listings with its code are matched. Refused for a bundle of which a component stays retired, since a component of a
 * bundle in use is in use.
 */
export async function reviveSkus(tx: Tx, ids: readonly string[], actor: Actor): Promise<Outcome[]> {
  await lockCatalog(tx)
  const skus = await lockSkus(tx, ids)
  const lacking = await retiredParts(tx, [...skus.keys()])
  const outcomes = answerEach(ids, skus, skuAnswers, (sku) => {
    if (sku.active) return already({ zh: '在用', en: 'In use' })
    const part = lacking.get(sku.id)
    return part === undefined ? undefined : partRetired(part)
  })
  const done = outcomes.filter((outcome) => outcome.done).map(({ id }) => id)
  await setActive(tx, done, true)
  await matchSkus(tx, done)
  await auditSkus(
    tx,
    'sku.revive',
    done.map((id) => ({ id })),
    actor,
  )
  return outcomes
}

export const skuAnswers: Answers<LockedSku> = {
  missing: { ...notFound({ zh: 'SKU', en: 'SKU' }), message: noSku.message },
  refOf: ({ code }) => code,
}

export const changed: Refusal = {
  code: 'conflict',
  message: { zh: '已被别人改动，刷新后再试', en: 'Changed by somebody else; reload and try again' },
}
export const editedTwice = (code: string): Refusal => ({
  code: 'code_twice',
  message: { zh: `「${code}」前面已有一行`, en: `${code} is in an earlier row` },
})
export const codeTaken = (code: string): Refusal => ({
  code: 'code_taken',
  message: { zh: `商家编码「${code}」已有`, en: `The code ${code} is taken` },
})
export const barcodeTaken = (code: string): Refusal => ({
  code: 'barcode_taken',
  message: { zh: `条码「${code}」是别的 SKU 的`, en: `The barcode ${code} belongs to another SKU` },
})
export const inBundle = (code: string): Refusal => ({
  code: 'in_bundle',
  message: { zh: `在用的套餐「${code}」含有它`, en: `The bundle ${code} holds it` },
})
const partRetired = (code: string): Refusal => ({
  code: 'part_retired',
  message: {
    zh: `它的「${code}」已停用，先恢复或一起恢复`,
    en: `Its ${code} is retired; revive that first, or both`,
  },
})

import type { Actor } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Tx } from '../../core/db/db.ts'
import { notFound, type Outcome } from '../../core/decide.ts'
import { lockCatalog } from '../listings/listing-queries.ts'
import {
  insertProducts,
  lockProducts,
  type ProductPatch,
  productsByCode,
  skusOfProducts,
  writeProducts,
} from '../sku-queries.ts'
import { editedTwice, retireSkus } from './skus.ts'

export type NewProduct = { code: string; name: string; category?: string; brand?: string }

/** Adds products without SKUs. `id` of an outcome is the requested code, `ref` the new id. */
export async function createProducts(tx: Tx, rows: readonly NewProduct[], actor: Actor): Promise<Outcome[]> {
  await lockCatalog(tx)
  const asked = new Map(rows.map((row) => [row.code, row]))
  const known = await productsByCode(tx, [...asked.keys()])
  const fresh = [...asked.values()].filter((row) => !known.has(row.code))
  const made = await insertProducts(tx, fresh)
  const patches = fresh.map(({ code, category, brand }) => ({
    id: made.get(code) ?? '',
    patch: { category, brand },
  }))
  await writeProducts(tx, patches)
  await auditProducts(
    tx,
    'product.create',
    patches.map(({ id }) => id),
    actor,
  )
  return [...asked.keys()].map((code): Outcome => {
    const id = made.get(code)
    return id === undefined
      ? { id: code, done: false, ...codeTaken(code) }
      : { id: code, done: true, ref: id }
  })
}

export type ProductEdit = ProductPatch & { id: string }

export async function editProducts(tx: Tx, edits: readonly ProductEdit[], actor: Actor): Promise<Outcome[]> {
  await lockCatalog(tx)
  const held = await lockProducts(
    tx,
    edits.map((edit) => edit.id),
  )
  const owners = await productsByCode(
    tx,
    edits.flatMap((edit) => edit.code ?? []),
  )
  const taken = new Set<string>()
  const accepted: ProductEdit[] = []
  const seen = new Set<string>()
  const outcomes = edits.map((edit): Outcome => {
    const { id, code } = edit
    const product = held.get(id)
    if (!product) return { id, done: false, ...noProduct }
    if (seen.has(id)) return { id, done: false, ...editedTwice(product.code) }
    if (code !== undefined && ((owners.get(code) ?? id) !== id || taken.has(code)))
      return { id, done: false, ...codeTaken(code) }
    if (code !== undefined) taken.add(code)
    accepted.push(edit)
    seen.add(id)
    return { id, done: true, ref: code ?? product.code }
  })
  await writeProducts(
    tx,
    accepted.map(({ id, ...patch }) => ({ id, patch })),
  )
  await auditProducts(
    tx,
    'product.change',
    accepted.map(({ id }) => id),
    actor,
  )
  return outcomes
}

/**
 * 停用商品: retires every SKU of the products. If a SKU cannot be retired, its product is refused with the reason of that SKU; the product's
 * other SKUs are retired.
 */
export async function retireProducts(tx: Tx, ids: readonly string[], actor: Actor): Promise<Outcome[]> {
  await lockCatalog(tx)
  const held = await lockProducts(tx, ids)
  const productOf = await skusOfProducts(tx, [...held.keys()])
  const refusals = new Map<string, Outcome>()
  for (const outcome of await retireSkus(tx, [...productOf.keys()], actor)) {
    if (!outcome.done && outcome.code !== 'already') refusals.set(productOf.get(outcome.id) ?? '', outcome)
  }
  return [...new Set(ids)].map((id): Outcome => {
    const product = held.get(id)
    if (!product) return { id, done: false, ...noProduct }
    return { ...(refusals.get(id) ?? { done: true }), id, ref: product.code }
  })
}

async function auditProducts(tx: Tx, action: string, ids: readonly string[], actor: Actor): Promise<void> {
  await audit(tx, ...ids.map((id) => ({ actor, action, subject: { type: 'product', id } })))
}

const noProduct = notFound({ zh: '商品', en: 'Product' })
const codeTaken = (code: string) => ({
  code: 'code_taken',
  message: { zh: `商品编码「${code}」已有`, en: `The product code ${code} is taken` },
})

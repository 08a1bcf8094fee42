import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { answerEach, type Outcome } from '../../core/decide.ts'
import { wakeTask } from '../../core/tasks/tasks.ts'
import { lockCatalog } from '../listings/listing-queries.ts'
import { noSku, stockSyncTaskKind } from '../listings/match.ts'
import { shopsShowing } from '../listings/match-queries.ts'
import {
  type LockedSku,
  lockSkus,
  type PartRow,
  partsAmong,
  partsOfBundles,
  replaceParts,
} from '../sku-queries.ts'
import { auditSkus, changed, skuAnswers } from './skus.ts'

export type Bundle = {
  id: string
  /** The version that the user saw; undefined: the version is not checked. */
  version?: number | undefined
  /** The components of the bundle. Empty: the bundle becomes a plain SKU again. */
  parts: readonly { skuId: string; quantity: number }[]
}

/** Returns why SKUs cannot become bundles or get other parts. The slice orders supplies it, which this slice may not import. */
export type UsesOf = (tx: Tx, skuIds: readonly string[]) => Promise<ReadonlyMap<string, keyof typeof inUse>>

/**
 * 套餐: sets the components of each of these SKUs. A component must not be a bundle, and a bundle must not contain itself. A SKU that has
 * stock of its own or is reserved cannot become a bundle, because a bundle has no stock. A bundle whose parts are reserved for orders that
 * have not left keeps them.
 */
export async function setBundles(
  tx: Tx,
  bundles: readonly Bundle[],
  actor: Actor,
  usesOf: UsesOf,
): Promise<Outcome[]> {
  await lockCatalog(tx)
  const asked = new Map(bundles.map((bundle) => [bundle.id, bundle]))
  const skus = await lockSkus(tx, [
    ...asked.keys(),
    ...bundles.flatMap((bundle) => bundle.parts.map((part) => part.skuId)),
  ])
  const held = await partsAmong(tx, [...asked.keys()])
  const willBe = new Set(bundles.flatMap(({ id, parts }) => (parts.length > 0 ? id : [])))
  const before = Map.groupBy(await partsOfBundles(tx, [...asked.keys()]), ({ bundleId }) => bundleId)
  const uses = await usesOf(
    tx,
    bundles.filter(({ id, parts }) => !isSame(parts, before.get(id) ?? [])).map(({ id }) => id),
  )
  const wrongPart = (bundle: LockedSku, part: LockedSku | undefined) => {
    if (!part) return noSku
    if (part.id === bundle.id) return containsItself
    if (part.isBundle || willBe.has(part.id)) return nested(part.code)
    return part.active ? undefined : partRetired(part.code)
  }
  const outcomes = answerEach([...asked.keys()], skus, skuAnswers, (sku) => {
    const { version, parts } = asked.get(sku.id) ?? { parts: [] }
    if (version !== undefined && version !== sku.version) return changed
    if (parts.length > 0 && held.has(sku.id)) return isPart
    const use = uses.get(sku.id)
    if (use !== undefined) return inUse[use]
    if (new Set(parts.map((part) => part.skuId)).size < parts.length) return twice
    for (const part of parts) {
      const refusal = wrongPart(sku, skus.get(part.skuId))
      if (refusal) return refusal
    }
    return undefined
  })
  const done = outcomes.filter((outcome) => outcome.done).map(({ id }) => id)
  if (done.length === 0) return outcomes
  await replaceParts(
    tx,
    done,
    done.flatMap((id) =>
      (asked.get(id)?.parts ?? []).map(({ skuId, quantity }) => ({ bundleId: id, partId: skuId, quantity })),
    ),
  )
  await auditSkus(
    tx,
    'sku.change',
    done.map((id) => ({ id, parts: true })),
    actor,
  )
  await wakeTask(tx, stockSyncTaskKind, ...(await shopsShowing(tx, done)))
  return outcomes
}

const isSame = (parts: Bundle['parts'], before: readonly PartRow[]) =>
  parts.length === before.length &&
  parts.every((part) =>
    before.some(({ partId, quantity }) => partId === part.skuId && quantity === part.quantity),
  )

const containsItself = { code: 'holds_itself', message: { zh: '不能含有自己', en: 'It cannot hold itself' } }
const isPart = {
  code: 'in_bundle',
  message: { zh: '它是别的套餐的一部分，不能再是套餐', en: 'A part of another bundle cannot be a bundle' },
}
const inUse = {
  has_stock: {
    code: 'has_stock',
    message: {
      zh: '它自己有库存，先出清；套餐的库存在它的组成里',
      en: 'It has stock of its own; clear that first. The stock of a bundle is that of its parts',
    },
  },
  reserved: {
    code: 'reserved',
    message: {
      zh: '有订单占用或在等它，先处理那些订单',
      en: 'Orders hold it or wait for it; settle those first',
    },
  },
  parts_reserved: {
    code: 'parts_reserved',
    message: {
      zh: '有没发完的订单按现在的组成占了库存，先发完或作废；急着换，另建一个套餐',
      en: 'Orders that have not left hold its present parts; ship or void them first, or make another bundle',
    },
  },
  in_documents: {
    code: 'in_documents',
    message: {
      zh: '有没过账的库存单据写着它，先过账或作废',
      en: 'Stock documents that are not posted name it; post or void those first',
    },
  },
} as const
const twice = { code: 'part_twice', message: { zh: '同一个 SKU 写了两次', en: 'The same SKU twice' } }
const partRetired = (code: string) => ({
  code: 'sku_retired',
  message: { zh: `「${code}」已停用，先恢复`, en: `${code} is retired; bring it back first` },
})
const nested = (code: string) => ({
  code: 'nested_bundle',
  message: { zh: `「${code}」是套餐，套餐里不能再有套餐`, en: `${code} is a bundle; bundles do not nest` },
})

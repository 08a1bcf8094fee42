import type { By } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { answerEach, type Outcome } from '../core/decide.ts'
import { calculateStockSync } from './calculate.ts'
import { auditEach, listingAnswers } from './heads.ts'
import { lockStockSyncs } from './queries.ts'

/** 重推: calculates and sends now, even if nothing has changed. */
export async function resyncListings(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const heads = await lockStockSyncs(tx, ids, scope)
  const outcomes = answerEach(ids, heads, listingAnswers, ({ paused, shopOn, skuId, gone }) => {
    if (!shopOn) return shopOff
    if (paused) return isPaused
    if (gone) return isGone
    return skuId === null ? notMatched : undefined
  })
  const done = outcomes.filter((one) => one.done).map(({ id }) => id)
  if (done.length === 0) return outcomes
  await auditEach(tx, { action: 'stock_upload.resync' }, { ids: done, heads }, actor)
  await calculateStockSync(tx, done, { again: true })
  return outcomes
}

const shopOff = {
  code: 'upload_off',
  message: { zh: '店铺没有开启库存同步', en: 'Stock upload is off for the shop' },
}
const isPaused = { code: 'paused', message: { zh: '已暂停，先恢复', en: 'Paused; resume it first' } }
const isGone = {
  code: 'listing_gone',
  message: {
    zh: '平台商品已下架删除，重新上架后自动恢复',
    en: 'The listing is gone; it continues automatically once it is back',
  },
}
const notMatched = { code: 'not_matched', message: { zh: '没有匹配 SKU', en: 'Matches no SKU' } }

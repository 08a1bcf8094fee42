import { PlatformError } from '../lib/platform-error.ts'

export type StockTarget = { itemId: string; platformSkuId: string }
/** The quantities that can be sold from now on. They replace the former ones. */
export type StockInput = { items: readonly (StockTarget & { quantity: number })[] }
/** `gone`: there is no such listing. `again`: not tried, or unclear; setting it again is safe. `message`: the platform's text. */
export type StockResult = StockTarget & { outcome: 'done' | 'gone' | 'refused' | 'again'; message: string }

/** What no longer exists, according to a rejection: the whole item, one SKU of it, or neither. */
export type Gone = 'item' | 'sku' | 'no'

type Target = StockInput['items'][number]

/**
 * Sets stock in groups, one request for each group. A rejected group is halved until the wrong row is alone, so that the other rows are
 * done; if the rejection says that the product no longer exists, all rows of the group are `gone`. A group without a clear answer is
 * returned as `again`, and the next one is tried; after a refusal that concerns all calls, such as that of the rate, the remaining
 * rows are `again`. If no row has an answer, the error is thrown.
 */
export async function setInGroups(
  groups: readonly (readonly Target[])[],
  set: (group: readonly Target[]) => Promise<void>,
  goneOf: (error: PlatformError) => Gone,
): Promise<StockResult[]> {
  const results: StockResult[] = []
  let unanswered: PlatformError | undefined
  const waiting = [...groups]
  for (let group = waiting.shift(); group; group = waiting.shift()) {
    const outcomeOf = (outcome: StockResult['outcome'], message: string, rows: readonly Target[]) =>
      results.push(...rows.map(({ itemId, platformSkuId }) => ({ itemId, platformSkuId, outcome, message })))
    try {
      await set(group)
      outcomeOf('done', '', group)
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error
      if (error.kind !== 'rejected') {
        unanswered = error
        outcomeOf(
          'again',
          error.message,
          error.kind === 'retry' ? group : [...group, ...waiting.splice(0).flat()],
        )
        continue
      }
      const gone = goneOf(error)
      const half = Math.ceil(group.length / 2)
      if (group.length > 1 && gone !== 'item') waiting.unshift(group.slice(0, half), group.slice(half))
      else outcomeOf(gone === 'no' ? 'refused' : 'gone', error.message, group)
    }
  }
  if (unanswered && results.every(({ outcome }) => outcome === 'again')) throw unanswered
  return results
}

/** Returns the rows of the input. Throws if a quantity is one that no platform accepts; then nothing is sent. */
export function sound({ items }: StockInput): readonly Target[] {
  const wrong = items.find(
    ({ quantity }) => !Number.isInteger(quantity) || quantity < 0 || quantity > mostPieces,
  )
  if (wrong)
    throw new PlatformError('rejected', 'quantity', `${wrong.quantity} is no number of pieces to sell.`)
  return items
}

const mostPieces = 99_999_999

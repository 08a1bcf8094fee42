import { receivingVerbs } from '../../../server/returns/verbs-contract.ts'
import { get, post } from '../api.ts'
import { outcomeText } from '../ui/act/batch-words.ts'
import type { Say } from '../words.ts'
import { add, addWrong, type Count, isEmpty, nothing, receiptOf, wholeOf } from './count.ts'
import type { ReturnRow, Scanned } from './types.ts'

export type Told = { tone: 'ok' | 'warn' | 'bad'; text: string }

export type Taken = { no: string; version: number; pieces: number }

/** The state of the receiving page. Each scan makes the next state. */
export type ReceivingState = {
  row: ReturnRow | undefined
  found: Scanned | undefined
  /** The scanned number of `found`. */
  number: string
  count: Count
  quality: 'good' | 'defective'
  told: Told | undefined
  taken: readonly Taken[]
  /** A scanned number that is unknown. Enter registers it as an unclaimed parcel; another scan goes on. */
  unknown: string
  /** True while the form for that registration is open. */
  registering: boolean
}

export const emptyReceiving: ReceivingState = {
  row: undefined,
  found: undefined,
  number: '',
  count: nothing,
  quality: 'good',
  told: undefined,
  taken: [],
  unknown: '',
  registering: false,
}

type Place = { warehouseId: string; say: Say }

export const cleared = (desk: ReceivingState, told: Told | undefined = desk.told): ReceivingState => ({
  ...emptyReceiving,
  taken: desk.taken,
  told,
})

export const chosen = (desk: ReceivingState, row: ReturnRow, say: Say): ReceivingState => ({
  ...cleared(desk, {
    tone: 'ok',
    text: say(['扫商品计数；直接按 Enter 全部收为良品', 'Scan the goods; or Enter for all of them']),
  }),
  row,
})

const bad = (desk: ReceivingState, text: string): ReceivingState => ({ ...desk, told: { tone: 'bad', text } })

/** Handles the Enter key, after a scan or with an empty box. */
export async function enter(desk: ReceivingState, code: string, place: Place): Promise<ReceivingState> {
  const { say } = place
  const { row, found, count } = desk
  if (!row) {
    const picked = found && /^[1-9]$/.test(code) ? found.returns[Number(code) - 1] : undefined
    if (picked) return chosen(desk, picked, say)
    if (code !== '') return look(desk, code, say)
    if (desk.unknown !== '') return { ...desk, registering: true }
    // A merged parcel has a delivery for each of its orders, and came back as a whole.
    const back = found && found.returns.length === 0 ? found.left.map(({ id }) => id) : []
    return back.length > 0 ? takeRefused(desk, back, say) : desk
  }
  if (code === '' && !isEmpty(count)) return receive(desk, row, place)
  if (code === '')
    return {
      ...desk,
      count: wholeOf(row),
      told: {
        tone: 'warn',
        text: say(['按应退填满了。核对后再按 Enter 入库', 'Filled as asked for. Check, then Enter again']),
      },
    }
  return scanGoods(desk, row, code, say)
}

/** Counts the scanned goods. Another number is looked up only while nothing is counted, so that no count is lost. */
async function scanGoods(
  desk: ReceivingState,
  row: ReturnRow,
  code: string,
  say: Say,
): Promise<ReceivingState> {
  const next = add(desk.count, row, code, desk.quality)
  if (next) return { ...desk, count: next, told: undefined }
  const answer = await get('/returns/scan', { no: code })
  const { goods } = answer
  if (goods) {
    // A barcode: the lines have codes only.
    const known = add(desk.count, row, goods.code, desk.quality)
    if (known) return { ...desk, count: known, told: undefined }
    const text = say(
      ['{code} 不在这张单上，记为错收，先放一边', '{code} is not on it: counted as wrong, put it aside'],
      { code: goods.code },
    )
    return { ...desk, count: addWrong(desk.count, goods.code), told: { tone: 'warn', text } }
  }
  if (isEmpty(desk.count)) return shown(desk, answer, code, say)
  if (isStrange(answer))
    return bad(
      desk,
      say(['{code} 不是商品的编码或条码，没有计数', '{code} is no code of goods, and was not counted'], {
        code,
      }),
    )
  return bad(desk, say(['先入库这一单，或按 Esc 放弃', 'Receive this one first, or Esc']))
}

const isStrange = ({ returns, left, parcel }: Scanned) => returns.length + left.length === 0 && !parcel

/** Finds returns by a waybill, or by a return, order, trade or refund number. */
async function look(desk: ReceivingState, no: string, say: Say): Promise<ReceivingState> {
  return shown(desk, await get('/returns/scan', { no }), no, say)
}

function shown(desk: ReceivingState, answer: Scanned, no: string, say: Say): ReceivingState {
  const open = answer.returns.filter(isWaitedFor)
  const [only] = open
  if (only && open.length === 1) return chosen(desk, only, say)
  const strange = isStrange(answer)
  return {
    ...cleared(desk, tellFound(answer, open.length, no, say)),
    ...(strange ? { unknown: no } : { found: answer, number: no }),
  }
}

/** Creates the returns of our own parcel that came back unopened, and opens the only one on the desk, or offers all. */
export async function takeRefused(
  desk: ReceivingState,
  deliveryIds: readonly string[],
  say: Say,
): Promise<ReceivingState> {
  const { results } = await post('/returns/refused', { ids: [...deliveryIds] })
  const made = results.flatMap(({ done, ref }) => (done && ref ? [ref] : []))
  const refused = results.find(({ done }) => !done)
  const [only] = made
  if (only === undefined) return bad(desk, outcomeText(refused, say))
  const next = await look(desk, made.length > 1 ? desk.number : only, say)
  return refused ? { ...next, told: { tone: 'warn', text: outcomeText(refused, say) } } : next
}

export async function receive(
  desk: ReceivingState,
  row: ReturnRow,
  { warehouseId, say }: Place,
): Promise<ReceivingState> {
  const receipt = { ...receiptOf(row, desk.count), ...(warehouseId === '' ? {} : { warehouseId }) }
  const { results } = await post('/returns/receipts', { receipts: [receipt] })
  const [answer] = results
  if (answer?.done === false) return bad(desk, outcomeText(answer, say))
  const pieces = receipt.lines.reduce((sum, { good, defective }) => sum + good + defective, 0)
  const text = say(receivingVerbs.receipts.done, { no: row.no, n: pieces })
  return {
    ...cleared(desk, { tone: 'ok', text }),
    taken: [{ no: row.no, version: row.version, pieces }, ...desk.taken].slice(0, 12),
  }
}

/** True if nothing of the return has been received, or if it has an open discrepancy. */
const isWaitedFor = ({ status, openProblems }: ReturnRow) =>
  status === 'unconfirmed' || status === 'confirmed' || (status === 'received' && openProblems > 0)

function tellFound(answer: Scanned, open: number, no: string, say: Say): Told {
  if (open > 1)
    return {
      tone: 'warn',
      text: say(['有 {n} 张退货单，按数字再按 Enter 选一张', '{n} returns: a figure and Enter choose one'], {
        n: open,
      }),
    }
  const [received] = answer.returns
  if (received)
    return {
      tone: 'bad',
      text: say(['{no} 已收过货', '{no} was received already'], { no: received.no }),
    }
  if (answer.left.length > 0)
    return {
      tone: 'warn',
      text: say(
        [
          '发出去的包裹回来了：{order}。按 Enter 按拒收建退货单',
          'A parcel of ours came back: {order}. Enter makes its return',
        ],
        { order: answer.left.map(({ orderNo }) => orderNo).join(say(['、', ', '])) },
      ),
    }
  if (answer.parcel)
    return {
      tone: 'bad',
      text: say(['已登记为无主件 {no}', 'Already registered as unclaimed: {no}'], { no: answer.parcel.no }),
    }
  return {
    tone: 'bad',
    text: say(
      [
        '没有 {no} 的退货单。按 Enter 登记为无主件，或接着扫',
        'No return has {no}. Enter registers it as unclaimed; or scan the next one',
      ],
      { no },
    ),
  }
}

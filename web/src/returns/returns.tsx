import type { Refusal } from '../../../server/core/decide.ts'
import {
  type ReturnEvent,
  returnKindWords,
  returnOriginWords,
  returnStatusWords,
  whyNoExchange,
  whyNotReceived,
  whyNotReturn,
} from '../../../server/returns/lifecycle.ts'
import { returnVerbs } from '../../../server/returns/verbs-contract.ts'
import { useCourierName } from '../fulfilment/query.ts'
import { Cut, GoodsCell, ReceiverCell, ShopLabel, Two } from '../intake/cells.tsx'
import { refundStatusText } from '../intake/events.ts'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { Money } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { ReasonDialog } from '../ui/overlay/confirm.tsx'
import { type Say, useSay } from '../words.ts'
import { voidText } from './return-story.ts'
import type { ReturnRow } from './types.ts'

export const returnTones: Record<ReturnRow['status'], Tone> = {
  unconfirmed: 'warn',
  confirmed: 'move',
  received: 'move',
  settled: 'ok',
  voided: 'void',
}

export const returnCells = {
  no: (row: ReturnRow, compact: boolean) =>
    compact ? row.no : <Two first={row.no} second={<ShopLabel id={row.shopId} />} />,
  kind: (row: ReturnRow, compact: boolean) => <KindWord row={row} compact={compact} />,
  goods: (row: ReturnRow, compact: boolean) => (
    <GoodsCell line={row.lines[0]} lineCount={row.lines.length} pieces={row.quantity} compact={compact} />
  ),
  receiver: (row: ReturnRow, compact: boolean) => <ReceiverCell row={row} compact={compact} />,
  waybill: (row: ReturnRow, compact: boolean) => <WaybillBack row={row} compact={compact} />,
  order(row: ReturnRow, compact: boolean) {
    const order = (
      <PageLink to="/orders" search={{ tab: 'all', q: row.orderNo, open: row.orderId }}>
        {row.orderNo}
      </PageLink>
    )
    return compact ? order : <Two first={order} second={row.refundNo || row.tid} />
  },
  amount: (row: ReturnRow) =>
    row.amountFen === 0 ? <span className="t3">–</span> : <Money fen={row.amountFen} />,
}

function KindWord({ row, compact }: { row: ReturnRow; compact: boolean }) {
  const say = useSay()
  const kind = say(returnKindWords[row.kind])
  return compact ? kind : <Two first={kind} second={say(returnOriginWords[row.origin])} />
}

function WaybillBack({ row, compact }: { row: ReturnRow; compact: boolean }) {
  const say = useSay()
  const name = useCourierName()
  if (row.waybillNo === '') return <span className="t3">{say(['没有', 'Missing'])}</span>
  return compact ? <Cut>{row.waybillNo}</Cut> : <Two first={row.waybillNo} second={name(row.courier)} />
}

/** Returns the return's status, the reason, and what to do. */
export function standingOf(row: ReturnRow, say: Say): { first: React.ReactNode; second: string } {
  const words = say(returnStatusWords[row.status])
  if (row.openProblems > 0)
    return {
      first: <Status tone="bad">{say(['{words}，有问题', '{words}, problem'], { words })}</Status>,
      second: say(['打开，把少的、错的了结', 'Open it and settle it']),
    }
  if (row.told === 'failed')
    return {
      first: (
        <Status tone="bad">{say(['{words}，回写失败', '{words}, write-back failed'], { words })}</Status>
      ),
      second: say(['看平台怎么说，按 T 重新回写', 'See what the platform says, then press T']),
    }
  return { first: <Status tone={returnTones[row.status]}>{words}</Status>, second: waitsFor(row, say) }
}

function waitsFor(row: ReturnRow, say: Say): string {
  switch (row.status) {
    case 'unconfirmed':
      return row.refundNo === ''
        ? say(['按 C 确认', 'Press C to confirm'])
        : say(['{status}，按 C 确认', '{status}; C confirms'], {
            status: refundStatusText(row.refundStatus, say),
          })
    case 'confirmed':
      if (row.warehouseId === null) return say(['没有退货仓，打开选一个', 'No warehouse: open and choose'])
      return row.waybillNo === ''
        ? say(['等买家寄回，还没有运单', 'The buyer has not sent it yet'])
        : say(['在路上，到货扫运单', 'On its way: scan it'])
    case 'received':
      return why('settle')(row, say) ?? say(['按 S 结算', 'Press S to settle'])
    case 'settled':
      return row.settledBy ?? ''
    case 'voided':
      return voidText(row.voidReason, say)
  }
}

const factsOf = (row: ReturnRow) => ({ ...row, hasWarehouse: row.warehouseId !== null })

const why = (event: ReturnEvent) => (row: ReturnRow, say: Say) => {
  return sayRefusal(whyNotReturn(factsOf(row), event), say)
}

const sayRefusal = (refusal: Refusal | undefined, say: Say) => refusal && say(refusal.message)

const act = actionsOn<ReturnRow>()

export const returnActions = {
  confirm: act(returnVerbs.confirm, {
    letter: 'C',
    primary: true,
    tabs: ['unconfirmed', 'all'],
    why: why('confirm'),
  }),
  receive: act(returnVerbs.receive, {
    letter: 'E',
    primary: true,
    confirm: [
      '{n} 张按应退数量全部收为良品并入库，未确认的一并确认。少了、坏了的用退货收货页。',
      'Receive all goods of {n} in good order, confirming them on the way. For short or damaged ones use the receiving page.',
    ],
    tabs: ['unconfirmed', 'confirmed', 'all'],
    why: (row, say) => sayRefusal(whyNotReceived(factsOf(row)), say),
  }),
  settle: act(returnVerbs.settle, {
    letter: 'S',
    primary: true,
    confirm: [
      '结算 {n} 张：货收到了，也不再欠买家钱。',
      'Settle {n}: the goods are back and nothing is owed.',
    ],
    tabs: ['received', 'all'],
    why: why('settle'),
  }),
  exchange: act(returnVerbs.exchange, {
    letter: 'H',
    tabs: ['confirmed', 'received', 'all'],
    why: (row, say) => sayRefusal(whyNoExchange(factsOf(row)), say),
  }),
  tellAgain: act(returnVerbs.writeBackAgain, {
    letter: 'T',
    tabs: ['received', 'all'],
    why: (row, say) =>
      row.told === 'failed' || row.told === 'manual' || row.told === 'waiting'
        ? undefined
        : say(['回写没有失败', 'Its write-back did not fail']),
    input: ({ count, onSubmit, onClose }) => (
      <ReasonDialog
        title={['重新回写 {n} 张', 'Write back {n} again']}
        act={['重新回写 {n} 张', 'Write back {n}']}
        count={count}
        onSubmit={(reason) => onSubmit({ reason })}
        onClose={onClose}
      />
    ),
  }),
  unconfirm: act(returnVerbs.unconfirm, {
    letter: 'U',
    tabs: ['confirmed', 'all'],
    why: why('unconfirm'),
  }),
  void: act(returnVerbs.void, {
    letter: 'V',
    danger: true,
    tabs: ['unconfirmed', 'confirmed', 'all'],
    why: why('void'),
    input: ({ count, onSubmit, onClose }) => (
      <ReasonDialog
        title={['作废 {n} 张退货单', 'Void {n} returns']}
        act={['作废 {n} 张', 'Void {n}']}
        count={count}
        danger
        onSubmit={(reason) => onSubmit({ reason })}
        onClose={onClose}
      />
    ),
  }),
} satisfies Record<string, RowAction<ReturnRow>>

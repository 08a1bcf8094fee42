import { reasonWords } from '../../../../server/intake/lifecycle.ts'
import { refundVerbs } from '../../../../server/intake/verbs-contract.ts'
import { actionsOn, type RowAction } from '../../ui/act/actions.ts'
import { actorText } from '../../ui/base/actor.ts'
import { Countdown, Money, QuietTime, shortNo } from '../../ui/base/figures.tsx'
import { platformErrorText } from '../../ui/base/platform-error.ts'
import { Status, type Tone } from '../../ui/base/status.tsx'
import { shared } from '../../ui/base/words.ts'
import type { Column } from '../../ui/list/data-list.tsx'
import type { Field } from '../../ui/list/filters.ts'
import type { ListTab } from '../../ui/list/list-page.tsx'
import { type LocalizedPair, type Say, useSay } from '../../words.ts'
import { GoodsCell, ShopLabel, Two } from '../cells.tsx'
import { doubtText, TakeDialog, whyNotTaken } from '../doubts.tsx'
import type { RefundRow } from '../types.ts'
import { intakeWords, refundKindWords, refundStatusWords, refundTypeWords } from '../words.ts'

export const refundFields: readonly Field[] = [
  { key: 'shop', label: shared.shop, kind: 'shops' },
  {
    key: 'status',
    label: ['平台状态', 'Status'],
    kind: 'options',
    options: Object.entries(refundStatusWords).map(([value, label]) => ({ value, label })),
  },
  {
    key: 'kind',
    label: ['类型', 'Type'],
    kind: 'options',
    options: Object.entries(refundKindWords).map(([value, label]) => ({ value, label })),
  },
  {
    key: 'phase',
    label: ['阶段', 'Phase'],
    kind: 'options',
    options: [
      { value: 'onsale', label: ['售中', 'Before receipt'] },
      { value: 'aftersale', label: ['售后', 'After receipt'] },
    ],
  },
  { key: 'modified', label: ['修改时间', 'Modified'], kind: 'period' },
  {
    key: 'q',
    label: ['搜索', 'Search'],
    kind: 'text',
    hint: ['退款号、交易号、订单号', 'Refund, trade or order no.'],
  },
  { key: 'refundNos', label: ['退款号', 'Refund numbers'], kind: 'numbers' },
  { key: 'tids', label: ['交易号', 'Trade numbers'], kind: 'numbers' },
]

export const refundTabs: readonly ListTab[] = [
  {
    key: 'open',
    title: ['待处理', 'Open'],
    empty: {
      title: ['没有待处理的退款', 'No open refunds'],
      remedy: [
        '新退款由计划任务下载；也可以按 D 现在下载。',
        'Tasks download new ones; press D to download now.',
      ],
    },
  },
  {
    key: 'due',
    title: ['4 小时内到期', 'Due in 4 h'],
    empty: {
      title: ['4 小时内没有到期的退款', 'Nothing is due within 4 hours'],
      remedy: [
        '到期不处理平台视为同意，快到期的会出现在这里。',
        'Silence means consent; what is due shows up here.',
      ],
    },
  },
  {
    key: 'no_original',
    title: ['没有原单', 'No original'],
    empty: {
      title: ['每笔退款都找到了原单', 'Every refund has its original'],
      remedy: ['原单没到的退款会在这里等。', 'Refunds that came first wait here.'],
    },
  },
  {
    key: 'refusing',
    title: ['拒绝中', 'Refusing'],
    empty: {
      title: ['没有正在写回的拒绝', 'No refusal is being written back'],
      remedy: ['失败的会回到待处理。', 'Failed ones go back to open.'],
    },
  },
  {
    key: 'processed',
    title: ['已处理', 'Processed'],
    empty: {
      title: ['没有标为已处理的退款', 'Nothing was marked processed'],
      remedy: ['在待处理里按 P 标记。', 'Press P on an open one.'],
    },
  },
]

/** Returns the deadline; null if the refund does not wait for an answer of ours. */
export function deadlineOf(row: Pick<RefundRow, 'state' | 'status' | 'deadline'>): string | null {
  if (row.state === 'refused') return null
  return row.status === 'applied' || row.status === 'agreed' ? row.deadline : null
}

export function refundVerdict(row: RefundRow, say: Say): { tone: Tone; first: string; second: string } {
  if (row.error !== '')
    return {
      tone: 'bad',
      first: say(['写回失败', 'Write-back failed']),
      second: platformErrorText(row.error, say),
    }
  if (row.state === 'refusing') return { tone: 'move', first: say(['拒绝中', 'Refusing']), second: '' }
  if (row.state === 'refused')
    return { tone: 'ok', first: say(['已拒绝', 'Refused']), second: actorText(row.stateBy, say) }
  if (row.state === 'converted')
    return { tone: 'ok', first: say(['已转退单', 'Converted']), second: actorText(row.stateBy, say) }
  if (row.state === 'processed')
    return { tone: 'void', first: say(['已处理', 'Processed']), second: actorText(row.stateBy, say) }
  const reason = Object.entries(reasonWords).find(([name]) => name === row.reason)?.[1]
  if (reason)
    return {
      tone: row.reason === 'no_original' ? 'bad' : 'ring',
      first: say(reason),
      second:
        row.reason === 'doubtful' && row.doubts[0]
          ? doubtText(row.doubts[0], say)
          : say([reason.zhRemedy, reason.enRemedy]),
    }
  if (row.status === 'agreed') return { tone: 'ring', first: say(refundStatusWords.agreed), second: '' }
  return {
    tone: row.status === 'applied' ? 'warn' : 'idle',
    first: row.status === 'applied' ? say(['待处理', 'Open']) : say(refundStatusWords[row.status]),
    second: '',
  }
}

export const refundColumns: readonly Column<RefundRow>[] = [
  {
    key: 'no',
    title: ['退款号 / 店铺', 'Refund no. / shop'],
    width: 'minmax(164px,170fr)',
    fixed: true,
    cell: (row, compact) =>
      compact ? row.refundNo : <Two first={row.refundNo} second={<ShopLabel id={row.shopId} />} />,
  },
  {
    key: 'type',
    title: ['类型', 'Type'],
    width: 'minmax(142px,142fr)',
    cell: (row) => <TypeWord row={row} />,
  },
  {
    key: 'buyer',
    title: ['买家', 'Buyer'],
    width: 'minmax(70px,80fr)',
    cell: (row) => <div className="cut">{row.buyerMasked}</div>,
  },
  {
    key: 'goods',
    title: intakeWords.goods,
    width: 'minmax(172px,230fr)',
    cell: (row, compact) => <GoodsCell line={row} lineCount={1} pieces={row.quantity} compact={compact} />,
  },
  {
    key: 'amount',
    title: ['金额 ¥', 'Amount ¥'],
    width: '92px',
    align: 'right',
    cell: (row) => <Money fen={row.amountFen} />,
  },
  {
    key: 'deadline',
    title: ['剩余时间', 'Due in'],
    width: '92px',
    align: 'right',
    sort: 'deadline',
    cell: (row) => <Countdown to={deadlineOf(row)} />,
  },
  {
    key: 'modified',
    title: ['修改', 'Modified'],
    width: '104px',
    align: 'right',
    sort: 'modifiedAt',
    cell: (row) => <QuietTime at={row.modifiedAt} />,
  },
  {
    key: 'order',
    title: ['原单', 'Original'],
    width: 'minmax(128px,130fr)',
    cell: (row) => (
      <div className="cut t2" title={row.orderNo || row.tid}>
        {row.orderNo || shortNo(row.tid, 10)}
      </div>
    ),
  },
]

function TypeWord({ row }: { row: RefundRow }) {
  const words = refundTypeWords(row.kind, row.phase)
  return (
    <div className="cut t2">
      <Said words={words} />
    </div>
  )
}

function Said({ words }: { words: LocalizedPair }) {
  return <>{useSay()(words)}</>
}

export function refundOutcome(row: RefundRow, say: Say) {
  const { tone, first, second } = refundVerdict(row, say)
  return { first: <Status tone={tone}>{first}</Status>, second }
}

const act = actionsOn<RefundRow>()

export const processConfirm = [
  '标为已处理 {n} 笔，不动订单也不动平台。买家改金额、类型或商品并再申请时会回来。',
  'Mark {n} processed: neither order nor platform is touched. It comes back if the buyer changes it and asks again.',
] as const

export const refundActions = {
  convert: act(refundVerbs.convert, {
    letter: 'C',
    able: { list: '/staged-refunds', filter: { reason: 'none' } },
    tabs: ['open', 'due', 'no_original'],
    why: (row, say) => {
      const reason = Object.entries(reasonWords).find(([name]) => name === row.reason)?.[1]
      return reason
        ? say([`${reason.zh}。${reason.zhRemedy}。`, `${reason.en}. ${reason.enRemedy}.`])
        : undefined
    },
  }),
  take: act(refundVerbs.acceptDoubts, {
    tabs: ['open', 'due', 'no_original', 'history'],
    seen: true,
    why: whyNotTaken,
    input: (asked) => <TakeDialog {...asked} nameOf={(row) => row.refundNo} />,
  }),
  process: act(refundVerbs.process, {
    letter: 'P',
    confirm: processConfirm,
    tabs: ['open', 'due', 'no_original'],
  }),
  unprocess: act(refundVerbs.unprocess, {
    letter: 'U',
    tabs: ['processed'],
  }),
} satisfies Record<string, RowAction<RefundRow>>

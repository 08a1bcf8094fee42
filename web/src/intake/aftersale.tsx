import { lazy, Suspense } from 'react'
import { interceptEvents } from '../../../server/fulfilment/intercepts/intercept-lifecycle.ts'
import { duties, dutyWords, suggestionWords } from '../../../server/intake/aftersales/desk-rules.ts'
import { refundEvents } from '../../../server/intake/lifecycle.ts'
import type { LocalizedText } from '../../../server/lib/localized-text.ts'
import { originals, originalWords } from '../../../server/orders/refunds/refund-rules.ts'
import { NoteDialog } from '../fulfilment/note-dialog.tsx'
import type { RowAction } from '../ui/act/actions.ts'
import { Countdown, Money } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import type { Column } from '../ui/list/data-list.tsx'
import type { Field } from '../ui/list/filters.ts'
import { type LocalizedPair, type Say, useSay } from '../words.ts'
import { GoodsCell, ShopLabel, Two } from './cells.tsx'
import { DutyDialog } from './duty-dialog.tsx'
import { deadlineOf, refundActions, refundVerdict } from './refunds.tsx'
import type { DeskRow } from './types.ts'
import { intakeWords, refundKindWords, refundStatusWords, refundTypeWords } from './words.ts'

const AgreeManyDialog = lazy(() => import('./agree-many-dialog-page.tsx'))
const RefuseManyDialog = lazy(() => import('./refuse-many-dialog-page.tsx'))

const said = ({ zh, en }: LocalizedText): LocalizedPair => [zh, en]

const standingWords: Record<string, LocalizedPair> = {
  no_original: ['没有原单', 'No original'],
  staged: ['仍在待转入', 'Still staged'],
}

export const afterSalesFields: readonly Field[] = [
  { key: 'shop', label: shared.shop, kind: 'shops' },
  {
    key: 'kind',
    label: ['类型', 'Type'],
    kind: 'options',
    options: Object.entries(refundKindWords).map(([value, label]) => ({ value, label })),
  },
  {
    key: 'original',
    label: ['原单状态', 'Original'],
    kind: 'options',
    options: [
      ...originals.map((value) => ({ value, label: originalWords[value] })),
      ...Object.entries(standingWords).map(([value, label]) => ({ value, label })),
    ],
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
  {
    key: 'duty',
    label: ['责任', 'Borne by'],
    kind: 'options',
    options: [
      ...duties.map((value) => ({ value, label: dutyWords[value] })),
      { value: 'none', label: ['未判', 'Not said'] },
    ],
  },
  { key: 'deadlineTo', label: ['到期早于', 'Due before'], kind: 'until' },
  {
    key: 'q',
    label: ['搜索', 'Search'],
    kind: 'text',
    hint: ['退款号、交易号、买家昵称、商家编码', 'Refund or trade no., nick, outer code'],
  },
  { key: 'refundNos', label: ['退款号', 'Refund numbers'], kind: 'numbers' },
  { key: 'tids', label: ['交易号', 'Trade numbers'], kind: 'numbers' },
]

export const afterSalesColumns: readonly Column<DeskRow>[] = [
  {
    key: 'no',
    title: ['退款号 / 店铺', 'Refund no. / shop'],
    width: 'minmax(158px,160fr)',
    fixed: true,
    cell: (row, compact) =>
      compact ? row.refundNo : <Two first={row.refundNo} second={<ShopLabel id={row.shopId} />} />,
  },
  {
    key: 'type',
    title: ['类型 / 原因', 'Type / reason'],
    width: 'minmax(140px,150fr)',
    cell: (row, compact) => <TypeCell row={row} compact={compact} />,
  },
  {
    key: 'goods',
    title: intakeWords.goods,
    width: 'minmax(140px,210fr)',
    cell: (row, compact) => <GoodsCell line={row} lineCount={1} pieces={row.quantity} compact={compact} />,
  },
  {
    key: 'amount',
    title: ['金额 ¥', 'Amount ¥'],
    width: '84px',
    align: 'right',
    cell: (row) => <Money fen={row.amountFen} />,
  },
  {
    key: 'deadline',
    title: ['剩余时间', 'Due in'],
    width: '84px',
    align: 'right',
    sort: 'deadline',
    cell: (row) => <Countdown to={deadlineOf(row)} />,
  },
  {
    key: 'original',
    title: ['原单', 'Original'],
    width: 'minmax(188px,188fr)',
    compactWidth: 'minmax(156px,120fr)',
    cell: (row, compact) => <OriginalCell row={row} compact={compact} />,
  },
  {
    key: 'duty',
    title: ['责任', 'Borne by'],
    width: 'minmax(78px,80fr)',
    cell: (row) => <DutyCell row={row} />,
  },
]

function TypeCell({ row, compact }: { row: DeskRow; compact: boolean }) {
  const say = useSay()
  const type = say(refundTypeWords(row.kind, row.phase, row.original))
  return compact ? <div className="cut">{type}</div> : <Two first={type} second={row.buyerReason} />
}

function OriginalCell({ row, compact }: { row: DeskRow; compact: boolean }) {
  const say = useSay()
  const word = row.original
    ? say(originalWords[row.original])
    : say(standingWords[row.reason === 'no_original' ? 'no_original' : 'staged'] ?? ['', ''])
  return compact ? <div className="cut">{word}</div> : <Two first={word} second={row.originalNo || row.tid} />
}

function DutyCell({ row }: { row: DeskRow }) {
  const say = useSay()
  return row.duty === '' ? (
    <span className="t3">–</span>
  ) : (
    <span title={[row.dutyNote, row.dutyBy].filter(Boolean).join(' · ')}>{say(dutyWords[row.duty])}</span>
  )
}

const tones: Record<DeskRow['suggestion'], Tone> = {
  convert: 'warn',
  agree: 'ok',
  pull: 'bad',
  recall: 'bad',
  return: 'warn',
  answer: 'warn',
  wait_original: 'ring',
  wait_platform: 'move',
  wait_courier: 'move',
  wait_buyer: 'ring',
}

/** What the table suggests, and how the refund stands. */
export function afterSalesOutcome(row: DeskRow, say: Say): { first: React.ReactNode; second: string } {
  const standing = row.error === '' ? say(refundStatusWords[row.status]) : refundVerdict(row, say).second
  return {
    first: <Status tone={tones[row.suggestion]}>{say(suggestionWords[row.suggestion])}</Status>,
    second: standing,
  }
}

type ParcelEvent = 'pull' | 'ask' | 'miss' | 'money'

/** Words, bulk name, and why not, of what is done to the parcel of a refund. */
const parcel = (event: ParcelEvent) => ({
  batch: `aftersale.${event}`,
  words: said(interceptEvents[event]),
  why: (row: DeskRow, say: Say) => {
    const alive = row.intercept?.state === 'open' || row.intercept?.state === 'asked'
    const fits = alive && (event !== 'ask' || row.intercept?.way === 'recall')
    return fits ? undefined : say(['没有要拦的包裹', 'There is no parcel to stop'])
  },
})

/** What the platform can do for it is known when it is asked. */
function whyNotAnswered(row: DeskRow, say: Say, from: readonly DeskRow['state'][]): string | undefined {
  if (row.suggestion === 'wait_platform') return say(['正在写回平台', 'The platform is being told'])
  if (row.constraint !== '') return row.constraint
  if (from.includes(row.state)) return undefined
  return row.state === 'converted'
    ? say(['已转退单，不能在这里拒绝', 'It is converted and cannot be refused here'])
    : say(['状态已变', 'Its state has changed'])
}

export const afterSalesActions: readonly RowAction<DeskRow>[] = [
  {
    batch: 'aftersale.convert',
    path: '/staged-refunds/convert',
    words: ['转退单', 'Convert'],
    letter: 'C',
    permission: 'refunds.convert',
    primary: true,
    done: ['{n} 笔已转退单', '{n} converted'],
    why: (row, say) =>
      row.state === 'staged' ? refundActions.convert.why(row, say) : say(['已转退单', 'Converted already']),
  },
  {
    batch: 'aftersale.agree',
    path: '/aftersale/agree',
    words: ['同意退款…', 'Agree…'],
    letter: 'A',
    permission: 'refunds.agree',
    seen: true,
    done: ['{n} 笔已交给平台退款', '{n}: the platform was told to pay'],
    why: (row, say) => whyNotAnswered(row, say, ['staged', 'converted']),
    input: (props) => (
      <Suspense>
        <AgreeManyDialog {...props} />
      </Suspense>
    ),
  },
  {
    batch: 'aftersale.refuse',
    path: '/aftersale/refuse',
    words: ['拒绝退款…', 'Refuse…'],
    letter: 'R',
    permission: 'refunds.refuse',
    seen: true,
    done: ['{n} 笔正在写回拒绝', '{n}: refusals are written back'],
    why: (row, say) => whyNotAnswered(row, say, refundEvents.startRefusing.from),
    input: (props) => (
      <Suspense>
        <RefuseManyDialog {...props} />
      </Suspense>
    ),
  },
  {
    ...parcel('pull'),
    path: '/aftersale/pull',
    letter: 'U',
    permission: 'fulfilment.unship',
    done: ['{n} 笔的包裹已拦下', '{n} pulled out'],
    confirm: [
      '{n} 笔的包裹已在手上：撤销发货，货回库存。',
      'The parcels of {n} are in hand: shipping is undone, stock returns.',
    ],
  },
  {
    ...parcel('ask'),
    path: '/aftersale/ask',
    letter: 'Q',
    permission: 'aftersale.intercept',
    done: ['{n} 笔已记下：请快递拦截', '{n} noted: the courier was asked'],
    input: (props) => (
      <NoteDialog
        {...props}
        title={['已请快递拦截 {n} 笔', 'The courier was asked for {n}']}
        act={['记下', 'Note']}
      />
    ),
  },
  {
    ...parcel('miss'),
    path: '/aftersale/miss',
    letter: 'M',
    permission: 'aftersale.intercept',
    done: ['{n} 笔没拦到', '{n} missed'],
    input: (props) => (
      <NoteDialog {...props} title={['没拦到 {n} 笔', '{n} missed']} act={['没拦到', 'Missed']} />
    ),
  },
  {
    ...parcel('money'),
    path: '/aftersale/money',
    letter: 'N',
    permission: 'aftersale.intercept',
    done: ['{n} 笔只退钱', '{n}: money only'],
    input: (props) => (
      <NoteDialog
        {...props}
        title={['只退钱，不拦 {n} 笔', 'Money only for {n}']}
        act={['只退钱', 'Money only']}
        text={[
          '包裹照发。这里不同意退款，另按同意退款。',
          'The parcels go on. Agreeing to the refund is another act.',
        ]}
      />
    ),
  },
  {
    batch: 'aftersale.duty',
    path: '/aftersale/duty',
    words: ['判责任…', 'Set responsibility…'],
    letter: 'Y',
    permission: 'refunds.duty',
    done: ['{n} 笔已判责任', '{n} said'],
    input: (props) => <DutyDialog {...props} />,
  },
  {
    batch: 'aftersale.process',
    path: '/staged-refunds/process',
    words: ['标为已处理', 'Mark processed'],
    letter: 'P',
    permission: 'refunds.process',
    done: ['{n} 笔标为已处理', '{n} marked processed'],
    confirm: refundActions.process.confirm,
    why: (row, say) => (row.state === 'staged' ? undefined : say(['已转退单', 'Converted already'])),
  },
]

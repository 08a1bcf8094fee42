import { useQueries } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { getCounts } from '../../api.ts'
import { KeyCap } from '../../ui/base/button.tsx'
import { every } from '../../ui/base/every.ts'
import { cappedCount } from '../../ui/base/figures.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { PageLink } from '../../ui/base/page-link.tsx'
import { useAllowed } from '../../ui/base/session.ts'
import { type ListConfig, ListPage } from '../../ui/list/list-page.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { decisionOf, ToDecision } from '../to-decision.tsx'
import type { DeskRow } from '../types.ts'
import { afterSalesActions, afterSalesColumns, afterSalesFields, afterSalesOutcome } from './aftersale.tsx'

const config: ListConfig<DeskRow> = {
  name: 'aftersale',
  path: '/aftersale',
  title: ['售后工作台', 'After-sale desk'],
  tabs: [
    {
      key: 'open',
      title: ['待决定', 'To decide'],
      empty: {
        title: ['没有等决定的退款', 'No refund waits for a decision'],
        remedy: [
          '买家申请的退款会按到期时间排在这里。',
          'Refunds that buyers ask for stand here by their deadline.',
        ],
      },
    },
    {
      key: 'due',
      title: ['4 小时内到期', 'Due in 4 h'],
      empty: {
        title: ['4 小时内没有到期的退款', 'Nothing is due within 4 hours'],
        remedy: ['到期不处理，平台视为同意。', 'Silence means consent.'],
      },
    },
    {
      key: 'unconverted',
      title: ['未转退单', 'Not converted'],
      empty: {
        title: ['都已转退单', 'All are converted'],
        remedy: [
          '转退单后，退款才落到订单的商品和金额上；挡发货不用等转单。',
          'Converting puts a refund on the goods and money of its order; the order is stopped before that.',
        ],
      },
    },
  ],
  fields: afterSalesFields,
  views: [
    { name: ['要拦包裹', 'parcels to stop'], search: { original: 'shipped_unwritten' } },
    { name: ['未判责任', 'duty not said'], search: { duty: 'none' } },
  ],
  columns: afterSalesColumns,
  sort: 'deadline',
  actions: afterSalesActions,
  nameOf: (row) => row.refundNo,
  sumOf: (row) => ({ fen: row.amountFen, pieces: row.quantity }),
}

/** 售后工作台: refunds that wait for an answer, by deadline, with the action that the refund rules suggest. */
export default function AftersalePage() {
  const say = useSay()
  const navigate = useNavigate()
  return (
    <ListPage
      config={config}
      head={<Beside />}
      outcomeTitle={['建议', 'Suggested']}
      outcomeWidth={['minmax(216px,240fr)', 'minmax(190px,200fr)']}
      outcome={(row) => {
        const way = wayOn(row)
        const remedy = way && { words: say(way.words), run: () => void navigate(way) }
        return { ...afterSalesOutcome(row, say), remedy }
      }}
    >
      {() => <ToDecision />}
    </ListPage>
  )
}

/** Returns the link to the page where the suggested action is done; undefined if it is done in this list. */
function wayOn(
  row: DeskRow,
): { words: LocalizedPair; to: string; search: Record<string, string> } | undefined {
  const { suggestion, originalId } = row
  if (suggestion === 'pull' || suggestion === 'recall')
    return {
      words: ['去拦', 'Stop it'],
      to: '/intercepts',
      search: { tab: 'all', orderId: originalId ?? '' },
    }
  if (suggestion === 'agree' || suggestion === 'answer' || suggestion === 'return')
    return { words: ['去答复', 'Answer'], to: '/staged-refunds', search: decisionOf(row.id) }
  return undefined
}

/** Links to the lists of warehouse work that refunds cause. */
function Beside() {
  const say = useSay()
  const navigate = useNavigate()
  const why = useAllowed()('fulfilment.read')
  const counted = useQueries({
    queries: lists.map(({ path }) => ({
      queryKey: [path, 'counts', {}],
      queryFn: () => getCounts(path),
      refetchInterval: every(10_000),
      enabled: why === undefined,
    })),
  })
  useKeys(
    why === undefined
      ? lists.map(({ path, letter, words }) => ({
          key: letter.toLowerCase(),
          words,
          run: () => void navigate({ to: path }),
        }))
      : [],
  )
  if (why !== undefined) return null
  return lists.map(({ path, tab, letter, words }, at) => {
    const count = counted[at]?.data?.tabs[tab]
    return (
      <PageLink key={path} to={path} className="button plain">
        {say(words)} <span className="num t2">{count ? cappedCount(count) : ''}</span>
        <KeyCap>{letter}</KeyCap>
      </PageLink>
    )
  })
}
const lists: readonly {
  path: '/intercepts' | '/put-backs'
  tab: string
  letter: string
  words: LocalizedPair
}[] = [
  { path: '/intercepts', tab: 'pull', letter: 'I', words: ['要拦的包裹', 'Parcels to stop'] },
  { path: '/put-backs', tab: 'open', letter: 'B', words: ['待放回', 'To put back'] },
]

import { useQueries } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { afterSalesList } from '../../../../server/intake/aftersales/lists-contract.ts'
import { getCounts, type Query } from '../../api.ts'
import { KeyCap } from '../../ui/base/button.tsx'
import { every } from '../../ui/base/every.ts'
import { cappedCount } from '../../ui/base/figures.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { PageLink } from '../../ui/base/page-link.tsx'
import { useAllowed, useMayOpen } from '../../ui/base/session.ts'
import { scopeSetting } from '../../ui/base/store.ts'
import { listOf } from '../../ui/list/declared.tsx'
import { ListPage } from '../../ui/list/list-page.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { decisionOf, ToDecision } from '../to-decision.tsx'
import type { DeskRow } from '../types.ts'
import { afterSalesActions, afterSalesCells, afterSalesOutcome } from './aftersale.tsx'

const config = listOf<DeskRow>(afterSalesList, {
  cells: afterSalesCells,
  views: [
    { name: ['要拦包裹', 'parcels to stop'], search: { original: 'shipped_unwritten' } },
    { name: ['未判责任', 'duty not said'], search: { duty: 'none' } },
  ],
  actions: afterSalesActions,
  nameOf: (row) => row.refundNo,
  sumOf: (row) => ({ fen: row.amountFen, pieces: row.quantity }),
})

/** 售后工作台: refunds that wait for an answer, by deadline, with the action that the refund rules suggest. */
export default function AftersalePage() {
  const say = useSay()
  const navigate = useNavigate()
  const mayOpen = useMayOpen()
  return (
    <ListPage
      config={config}
      head={<Beside />}
      outcomeTitle={['建议', 'Suggested']}
      outcomeWidth={['minmax(216px,240fr)', 'minmax(190px,200fr)']}
      outcome={(row) => {
        const way = wayOn(row)
        const remedy = way && mayOpen(way.to) && { words: say(way.words), run: () => void navigate(way) }
        return { ...afterSalesOutcome(row, say), remedy: remedy || undefined }
      }}
    >
      {() => <ToDecision />}
    </ListPage>
  )
}

/** Suggestions whose action is an answer on the page of the refund. */
const answeredThere: readonly DeskRow['suggestion'][] = ['agree', 'agree_no_order', 'answer', 'return']

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
  if (answeredThere.includes(suggestion))
    return { words: ['去答复', 'Answer'], to: '/staged-refunds', search: decisionOf(row.id) }
  return undefined
}

/** Links to the lists of warehouse work that refunds cause. */
function Beside() {
  const say = useSay()
  const navigate = useNavigate()
  const why = useAllowed()('fulfilment.read')
  const scope = scopeSetting.use()
  const filter: Query = scope === '' ? {} : { shop: scope }
  const counted = useQueries({
    queries: lists.map(({ path }) => ({
      queryKey: [path, 'counts', filter],
      queryFn: () => getCounts(path, filter),
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
      <PageLink key={path} to={path} className="button">
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

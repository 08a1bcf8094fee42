import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import {
  defaultTemplate,
  type PaperKind,
  type PaperTemplate,
  paperKinds,
  paperWords,
} from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Button } from '../../ui/base/button.tsx'
import { LoadError } from '../../ui/base/empty.tsx'
import { useAllowed, useShops } from '../../ui/base/session.ts'
import { AskUnsaved } from '../../ui/form/unsaved.tsx'
import { useUrlState } from '../../ui/list/search-params.ts'
import { PageHead } from '../../ui/list/tabs.tsx'
import { type LocalizedPair, type Say, useSay } from '../../words.ts'
import { templatesWords } from '../print-words.ts'
import { useCourierName } from '../query.ts'
import type { WaybillAccount } from '../types.ts'
import { accountsQuery, type Stored, templatesQuery } from './paper-queries.ts'
import './papers.css'

// The editors draw papers, barcodes and QR codes. They load beside the templates, so that the page is there at once.
const editorsQuery = {
  queryKey: ['template editors'],
  queryFn: async () => ({
    ...(await import('./template-editor.tsx')),
    ...(await import('./custom-area-editor.tsx')),
  }),
  staleTime: Number.POSITIVE_INFINITY,
}

/** The chosen template: a stored one, the default of a kind, or a new one of a kind. */
type Chosen = { key: string; template: PaperTemplate; stored?: Stored }

const isKind = (text: string): text is PaperKind => paperKinds.some((kind) => kind === text)

/** 打印模板: the templates of our own papers, with a form and a preview in true proportions. */
export default function TemplatesPage() {
  const say = useSay()
  const found = useQuery(templatesQuery)
  const editors = useQuery(editorsQuery)
  const [search, setSearch] = useUrlState()
  const why = useAllowed()('fulfilment.papers')
  const [unsaved, setUnsaved] = useState(false)
  const rows: readonly Stored[] = found.data?.rows ?? []
  const chosen = chosenOf(search['template'] ?? '', rows, say)
  const pick = (key: string) => setSearch({ template: key })
  const [wanted, setWanted] = useState<string>()
  const accounts =
    useQuery(accountsQuery).data?.rows.filter(({ enabled, templateUrl }) => enabled && templateUrl !== '') ??
    []
  const account = accounts.find(({ id }) => search['template'] === `area-${id}`)
  const at = account ? `area-${account.id}` : chosen.key
  const choose = (key: string) => (unsaved ? key !== at && setWanted(key) : pick(key))
  const side = (
    <nav className="paper-list" aria-label={say(templatesWords)}>
      {paperKinds.map((kind) => (
        <KindEntries key={kind} {...{ kind, rows, chosen: at, why, unsaved }} onPick={choose} />
      ))}
      <AreaEntries accounts={accounts} chosen={at} onPick={choose} />
    </nav>
  )
  return (
    <div className="page">
      {!(found.data && editors.data) && <PageHead title={say(templatesWords)} />}
      {(found.error ?? editors.error) && (
        <LoadError
          error={found.error ?? editors.error}
          onRetry={() => void Promise.all([found.refetch(), editors.refetch()])}
        />
      )}
      {found.data && editors.data && account && (
        <editors.data.CustomAreaEditor
          key={`${account.id}/${account.customAreaUrl}`}
          account={account}
          why={why}
          onDirty={setUnsaved}
          side={side}
        />
      )}
      {found.data && editors.data && !account && (
        <editors.data.TemplateEditor
          key={`${chosen.key}/${chosen.stored?.version ?? 0}`}
          chosen={chosen}
          why={why}
          onPick={pick}
          onDirty={setUnsaved}
          side={side}
        />
      )}
      {wanted !== undefined && (
        <AskUnsaved
          onConfirm={() => {
            setWanted(undefined)
            pick(wanted)
          }}
          onClose={() => setWanted(undefined)}
        />
      )}
    </div>
  )
}

function chosenOf(key: string, rows: readonly Stored[], say: Say): Chosen {
  const stored = rows.find(({ id }) => id === key)
  if (stored) return { key, template: stored, stored }
  const [kind = '', how] = key.split('-')
  const plain = defaultTemplate(isKind(kind) ? kind : 'packing_slip')
  const name = how === 'new' ? '' : say(paperWords[plain.kind])
  return { key: isKind(kind) ? key : 'packing_slip', template: { ...plain, name } }
}

/** A group for each courier, closed unless one of it is chosen: every shop has an account for each of its couriers. */
function AreaEntries(props: {
  accounts: readonly WaybillAccount[]
  chosen: string
  onPick: (key: string) => void
}) {
  const say = useSay()
  const courier = useCourierName()
  const shops = useShops()
  const isChosen = ({ id }: WaybillAccount) => props.chosen === `area-${id}`
  if (props.accounts.length === 0) return null
  return (
    <>
      <div className="row paper-kind">
        <h2>{say(['平台上设计的自定义区', 'Areas designed at the platform'])}</h2>
      </div>
      {[...Map.groupBy(props.accounts, (account) => account.courier)].map(([code, accounts]) => (
        <details key={code} className="paper-group" open={accounts.some(isChosen) || undefined}>
          <summary className="row">
            <span className="cut">{courier(code)}</span>
            <span className="t3 small push">
              {say(['用着 {used}/{n}', '{used}/{n} used'], {
                used: accounts.filter(({ customAreaUrl }) => customAreaUrl !== '').length,
                n: accounts.length,
              })}
            </span>
          </summary>
          {accounts.map((account) => (
            <button
              key={account.id}
              type="button"
              className="paper-entry"
              aria-pressed={isChosen(account)}
              onClick={() => props.onPick(`area-${account.id}`)}
            >
              <span className="cut">
                {shops.find(({ id }) => id === account.shopId)?.name ?? courier(code)}
              </span>
              <span className="t2 small cut">
                {[account.branchName, account.customAreaUrl === '' ? say(['不用', 'none']) : '']
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </button>
          ))}
        </details>
      ))}
    </>
  )
}

const noOtherWords: LocalizedPair = ['没有别的就用它', 'Used where no other fits']
const noAreaWords: LocalizedPair = ['不印；新增一个再用', 'Not printed: add one to use it']

function KindEntries(props: {
  kind: PaperKind
  rows: readonly Stored[]
  chosen: string
  why: string | undefined
  unsaved: boolean
  onPick: (key: string) => void
}) {
  const say = useSay()
  const { kind, chosen } = props
  const shops = useShops()
  const courier = useCourierName()
  const usedFor = ({ shopIds, couriers }: Stored) =>
    [
      ...shopIds.map((id) => shops.find((shop) => shop.id === id)?.name ?? id),
      ...couriers.map((code) => courier(code)),
    ].join(say(['、', ', '])) || say(['所有店铺和快递', 'Every shop and courier'])
  const own = props.rows.filter((row) => row.kind === kind)
  const entry = (key: string, name: string, about: string) => (
    <button
      key={key}
      type="button"
      className="paper-entry"
      aria-pressed={key === chosen}
      onClick={() => props.onPick(key)}
    >
      <span className="cut">{name}</span>
      <span className="t2 small cut">{about}</span>
      {key === chosen && props.unsaved && (
        <span className="small paper-unsaved">{say(['没存', 'unsaved'])}</span>
      )}
    </button>
  )
  return (
    <>
      <div className="row paper-kind">
        <h2>{say(paperWords[kind])}</h2>
        <span className="push">
          <Button
            kind="quiet"
            size="small"
            action={`add-${kind}`}
            why={props.why}
            aria-label={say(['新增{kind}模板', 'Add a template: {kind}'], { kind: say(paperWords[kind]) })}
            onClick={() => props.onPick(`${kind}-new`)}
          >
            +
          </Button>
        </span>
      </div>
      {own.map((row) => entry(row.id, row.name, usedFor(row)))}
      {chosen === `${kind}-new` && entry(`${kind}-new`, say(['新模板', 'New template']), '')}
      {entry(kind, say(['默认', 'Default']), say(kind === 'label_area' ? noAreaWords : noOtherWords))}
    </>
  )
}

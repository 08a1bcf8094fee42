import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { sameGoods, shapeWords } from '../../../../server/fulfilment/goods-rules.ts'
import { toDo } from '../../../../server/fulfilment/lifecycle.ts'
import { get, type Query } from '../../api.ts'
import { Thumb } from '../../intake/cells.tsx'
import { every } from '../../ui/base/every.ts'
import { count } from '../../ui/base/figures.tsx'
import { useUrlState } from '../../ui/list/search-params.ts'
import { useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import type { DeskFacets } from '../types.ts'

type Counted = readonly { code: string; count: number }[]
const sum = (some: Counted) => some.reduce((total, one) => total + one.count, 0)

/** 快递, 件型 and 同款 of the open tab, each with its number of deliveries. One click on one makes a batch of it. */
export function Batches({ query }: { query: Query }) {
  const say = useSay()
  const name = useCourierName()
  const [search, set] = useUrlState()
  const isWaiting = toDo.some((state) => state === query['tab'])
  const { data } = useQuery({
    queryKey: ['/deliveries', 'facets', query],
    queryFn: () => get('/deliveries/facets', query),
    refetchInterval: every(10_000),
    placeholderData: keepPreviousData,
    enabled: isWaiting,
  })
  if (!isWaiting || !data) return null
  const { courier = '', shape = '', same = '' } = search
  const shapes = Object.entries(shapeWords).flatMap(([code, words]) => {
    const of = data.shapes.find((one) => one.code === code)
    return of ? [{ ...of, words: say(words) }] : []
  })
  return (
    <>
      <div className="batch-row" role="toolbar" aria-label={say(['快递', 'Courier'])}>
        <span className="t3">{say(['快递', 'Courier'])}</span>
        <Facet on={courier === ''} of={sum(data.couriers)} onPick={() => set({ courier: '' })}>
          {say(['全部', 'All'])}
        </Facet>
        {data.couriers.map((one) =>
          one.code === '' ? (
            <span key="" className="t3 num">
              {say(['未定 {n}', 'none yet {n}'], { n: count(one.count) })}
            </span>
          ) : (
            <Facet
              key={one.code}
              on={courier === one.code}
              of={one.count}
              onPick={() => set({ courier: courier === one.code ? '' : one.code, same: '' })}
            >
              {name(one.code)}
            </Facet>
          ),
        )}
        <AccountLeft courier={courier} />
      </div>
      <div className="batch-row" role="toolbar" aria-label={say(['件型', 'Pieces'])}>
        <span className="t3">{say(['件型', 'Pieces'])}</span>
        <Facet
          on={shape === '' && same === ''}
          of={sum(data.shapes)}
          onPick={() => set({ shape: '', same: '' })}
        >
          {say(['全部', 'All'])}
        </Facet>
        {shapes.map((one) => (
          <Facet
            key={one.code}
            on={shape === one.code}
            of={one.count}
            onPick={() => set({ shape: shape === one.code ? '' : one.code, same: '' })}
          >
            {one.words}
          </Facet>
        ))}
        {data.same.length > 0 && <i className="rule" />}
        <Same rows={data.same} chosen={same} onPick={(next) => set({ same: next })} />
      </div>
    </>
  )
}

function Facet(props: { on: boolean; of: number; onPick: () => void; children: React.ReactNode }) {
  return (
    <button type="button" className="facet" aria-pressed={props.on} onClick={props.onPick}>
      {props.children} <span className="num t3">{count(props.of)}</span>
    </button>
  )
}

function Same(props: { rows: DeskFacets['same']; chosen: string; onPick: (same: string) => void }) {
  const say = useSay()
  if (props.rows.length === 0) return null
  return (
    <>
      <span className="t3">{say(['同款', 'Same goods'])}</span>
      <div className="same-goods">
        {props.rows.map((row) => {
          const same = sameGoods(row.skuId, row.pieces)
          const title = [row.name, row.spec].filter(Boolean).join(' ')
          return (
            <button
              key={same}
              type="button"
              className="facet"
              aria-pressed={props.chosen === same}
              aria-label={say(['{goods} × {pieces}，{n} 单', '{goods} × {pieces}, {n} deliveries'], {
                goods: title,
                pieces: row.pieces,
                n: row.count,
              })}
              title={title}
              onClick={() => props.onPick(props.chosen === same ? '' : same)}
            >
              <Thumb url={row.pictureUrl} title={row.name} /> × {row.pieces}
              {' · '}
              <span className="num t3">{say(['{n} 单', '({n})'], { n: count(row.count) })}</span>
            </button>
          )
        })}
      </div>
    </>
  )
}

/** The numbers left of the chosen courier's accounts, as their sources said last. */
function AccountLeft({ courier }: { courier: string }) {
  const say = useSay()
  const found = useQuery({
    queryKey: ['waybill-accounts'],
    queryFn: () => get('/waybill-accounts'),
    enabled: courier !== '',
    staleTime: 60_000,
  })
  const own = (found.data?.rows ?? []).filter((one) => one.enabled && one.courier === courier)
  const [first] = own
  const left = own.flatMap(({ balance }) => balance ?? [])
  if (!first || left.length === 0) return null
  return (
    <span className="t2 push num cut">
      {say(['{branch}，面单余 {n}', '{branch}: {n} numbers left'], {
        branch: first.branchName,
        n: count(left.reduce((total, one) => total + one, 0)),
      })}
    </span>
  )
}

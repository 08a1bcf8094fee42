import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { waveStatusWords } from '../../../server/fulfilment/waves/lifecycle.ts'
import { errorText, get, post } from '../api.ts'
import { ruleNameOf } from '../fulfilment/waves/rule-name.ts'
import type { Wave } from '../fulfilment/waves/types.ts'
import { outcomeText } from '../ui/act/batch-words.ts'
import { LoadError } from '../ui/base/empty.tsx'
import { Countdown, count } from '../ui/base/figures.tsx'
import { useSay } from '../words.ts'
import { inTime, isAway } from './away.ts'
import { keptQuery } from './kept-query.ts'
import { usePhoneUser } from './queue.ts'
import { Phone } from './shell.tsx'
import { useInTurn } from './use-in-turn.ts'
import { useNews } from './use-news.ts'
import { useWarehouse } from './warehouse.ts'

const pageSize = 200
/** With more waves under way the rest is found by a scan, and the page says so. */
const mostPages = 5

/** Returns the waves under way, also those beyond the first page: the user's own wave may be among the least urgent. */
async function wavesUnderWay(warehouse: string): Promise<{ rows: Wave[]; next: string | null }> {
  const rows: Wave[] = []
  let after: string | null = null
  for (let page = 0; page < mostPages; page++) {
    const found: { rows: Wave[]; next: string | null } = await get('/waves', {
      tab: 'running',
      warehouse,
      limit: pageSize,
      ...(after ? { after } : {}),
    })
    rows.push(...found.rows)
    after = found.next
    if (after === null) break
  }
  return { rows, next: after }
}

/** Returns waves by the beginning of the number, among those that the page does not list. */
const beyond = (warehouse: string, q: string): Promise<Wave[]> =>
  inTime(get('/waves', { tab: 'running', warehouse, q, limit: pageSize })).then(
    ({ rows }) => rows,
    () => [],
  )

/** 拣货: the user's own waves first, then those that no user has claimed, then those of others, which can be taken over. */
export default function PicksPage() {
  const say = useSay()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const inTurn = useInTurn()
  const user = usePhoneUser()
  const teller = useNews()
  const { id: warehouse } = useWarehouse()
  const found = useQuery({
    ...keptQuery(['/waves', 'phone', warehouse], () => wavesUnderWay(warehouse)),
    enabled: warehouse !== '',
  })
  const isOwn = (wave: Wave) => wave.status === 'picking' && wave.claimedById === user.id
  const canPick = (wave: Wave) => wave.status === 'open' || wave.status === 'picking'
  const waves = (found.data?.rows ?? []).filter(canPick)
  const place = (wave: Wave) => (isOwn(wave) ? 0 : wave.status === 'open' ? 1 : 2)
  const sorted = waves.toSorted((a, b) => place(a) - place(b))
  const go = (id: string) => navigate({ to: '/phone/pick/$waveId', params: { waveId: id } })
  const open = (wave: Wave) =>
    inTurn(async () => {
      // Another person's wave opens with the question whether to take it over.
      if (wave.status === 'picking') return go(wave.id)
      try {
        const { results } = await inTime(post('/waves/claim', { ids: [wave.id], takeOver: false }))
        await queries.invalidateQueries({ queryKey: ['/waves'] })
        const [outcome] = results
        if (outcome?.done) return await go(wave.id)
        return outcome && teller.tell({ tone: 'wrong', text: outcomeText(outcome, say) })
      } catch (error) {
        const offline = say(['领波次要联网', 'A wave is claimed online only'])
        return teller.tell({ tone: 'wrong', text: isAway(error) ? offline : errorText(error) })
      }
    })
  const scan = async (code: string) => {
    const isIt = ({ no }: Wave) => no === code.toUpperCase()
    const wave =
      waves.find(isIt) ?? (found.data?.next ? await beyond(warehouse, code) : []).filter(canPick).find(isIt)
    if (wave) open(wave)
    else teller.tell({ tone: 'wrong', text: say(['没有波次 {code}', 'No wave {code}'], { code }) })
  }
  return (
    <Phone
      title={say(['拣货', 'Pick'])}
      back="/phone"
      teller={teller}
      scanning={{ hint: say(['扫波次号', 'Scan a wave']), onScan: scan }}
    >
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && sorted.length === 0 && (
        <p className="phone-hint">{say(['没有要拣的波次', 'No wave to pick'])}</p>
      )}
      <div className="phone-waves">
        {sorted.map((wave) => (
          <button key={wave.id} type="button" data-action="open" onClick={() => open(wave)}>
            <span className="phone-row">
              <b className="num grow">{wave.no}</b>
              <Countdown to={wave.shipBy} />
            </span>
            <span className="phone-row">
              <span className="t2 grow">{ruleNameOf(wave, say)}</span>
              <span className="num">
                {say(['{n} 单 {m} 件', '{n} {n|parcel|parcels}, {m} {m|pc|pcs}'], {
                  n: count(wave.orderCount),
                  m: count(wave.pieceCount),
                })}
              </span>
            </span>
            <span className={isOwn(wave) ? 'ink-warn' : 't2'}>
              {isOwn(wave)
                ? say(['我在拣，已拣 {n}', 'Mine; {n} picked'], { n: count(wave.picked) })
                : wave.status === 'picking'
                  ? say(['{name} 在拣，已拣 {n}', '{name} picks; {n} picked'], {
                      name: wave.claimedBy ?? '',
                      n: count(wave.picked),
                    })
                  : say(waveStatusWords[wave.status])}
            </span>
          </button>
        ))}
      </div>
      {found.data?.next && (
        <p className="phone-hint">
          {say(['只列最急的 {n} 个，其他的扫波次号', 'The {n} most urgent; scan the number of another'], {
            n: count(found.data.rows.length),
          })}
        </p>
      )}
    </Phone>
  )
}

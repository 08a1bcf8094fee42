import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useRef, useState } from 'react'
import { errorText } from '../api.ts'
import { useWarehouses } from '../inventory/query.ts'
import { Button } from '../ui/button.tsx'
import { Note } from '../ui/empty.tsx'
import { Choice } from '../ui/form.tsx'
import { PageHead } from '../ui/tabs.tsx'
import { useSay } from '../words.ts'
import { isEmpty } from './count.ts'
import { chosen, cleared, type Desk, emptyDesk, enter, receive, takeRefused } from './receive-desk.ts'
import { FoundChoices, ReceiveLines, TakenList } from './receive-parts.tsx'
import './returns.css'

const ParcelDialog = lazy(() => import('./parcel-dialog-page.tsx'))

/** Scans are worked off one after the other, so that none is lost while the one before is under way. */
function useDesk() {
  const queries = useQueryClient()
  const [desk, setDesk] = useState(emptyDesk)
  const latest = useRef(desk)
  const line = useRef(Promise.resolve())
  const set = (next: Desk) => {
    latest.current = next
    setDesk(next)
  }
  const run = (work: (desk: Desk) => Desk | Promise<Desk>) => {
    line.current = line.current
      .then(() => work(latest.current))
      .then((next) => {
        if (next.taken !== latest.current.taken) void queries.invalidateQueries()
        set(next)
      })
      .catch((error: unknown) => set({ ...latest.current, told: { tone: 'bad', text: errorText(error) } }))
  }
  return { desk, run }
}

/** 退货收货: one box that whoever unpacks never has to leave. A waybill opens its return, goods count up, Enter receives. */
export default function ReceivePage() {
  const say = useSay()
  const { desk, run } = useDesk()
  const box = useRef<HTMLInputElement>(null)
  const [warehouseId, setWarehouseId] = useState('')
  const place = { warehouseId, say }
  const { row, found, count, told } = desk
  const back = () => box.current?.focus()
  const drop = () => {
    run((now) => cleared(now, undefined))
    back()
  }
  return (
    <div className="page receive">
      <PageHead title={say(['退货收货', 'Receive returns'])} />
      <ScanBox
        box={box}
        quality={desk.quality}
        onEnter={(code) => run((now) => enter(now, code, place))}
        onTurn={() => run((now) => ({ ...now, quality: now.quality === 'good' ? 'defective' : 'good' }))}
        onDrop={drop}
      >
        <Into value={warehouseId} onChange={setWarehouseId} />
      </ScanBox>
      {told && <Note tone={told.tone}>{told.text}</Note>}
      {row && (
        <ReceiveLines row={row} count={count} onCount={(next) => run((now) => ({ ...now, count: next }))} />
      )}
      {row && (
        <div className="row">
          <Button
            kind="primary"
            onClick={() => {
              run((now) => (isEmpty(now.count) ? enter(now, '', place) : receive(now, row, place)))
              back()
            }}
          >
            {say(isEmpty(count) ? ['按应退填满', 'Fill as asked'] : ['入库', 'Receive'])}
          </Button>
          <Button onClick={drop}>{say(['放弃', 'Drop it'])}</Button>
        </div>
      )}
      {found && (
        <FoundChoices
          found={found}
          onChoose={(one) => {
            run((now) => chosen(now, one, say))
            back()
          }}
          onRefused={(id) => {
            run((now) => takeRefused(now, id, say))
            back()
          }}
        />
      )}
      <TakenList taken={desk.taken} />
      <Suspense>
        {desk.registering !== '' && (
          <ParcelDialog waybillNo={desk.registering} warehouseId={warehouseId} onClose={drop} />
        )}
      </Suspense>
    </div>
  )
}

function Into({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const say = useSay()
  const warehouses = useWarehouses().filter(({ active, kind }) => active && kind !== 'defective')
  return (
    <Choice
      label={say(['收进', 'Into'])}
      value={value}
      onChange={onChange}
      options={[
        { value: '', label: say(['单上的退货仓', "The return's warehouse"]) },
        ...warehouses.map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  )
}

function ScanBox(props: {
  box: React.RefObject<HTMLInputElement | null>
  quality: Desk['quality']
  onEnter: (code: string) => void
  onTurn: () => void
  onDrop: () => void
  children: React.ReactNode
}) {
  const say = useSay()
  const [text, setText] = useState('')
  const words = say(['扫描运单、单号或商品', 'Scan a waybill, number or goods'])
  const onKey = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') props.onEnter(text.trim())
    else if (event.key === 'F8') props.onTurn()
    else if (event.key === 'Escape') props.onDrop()
    else return
    if (event.key !== 'F8') setText('')
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="receive-box">
      <input
        ref={props.box}
        className="input large"
        aria-label={words}
        placeholder={words}
        value={text}
        maxLength={60}
        // biome-ignore lint/a11y/noAutofocus: the page is this box
        autoFocus
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKey}
      />
      <p className="t2 small">
        {say(
          [
            'Enter 确认 · F8 换良品、次品，现在是{quality} · Esc 放弃这一单',
            'Enter takes it · F8 good or defective, now {quality} · Esc drops it',
          ],
          { quality: say(props.quality === 'good' ? ['良品', 'good'] : ['次品', 'defective']) },
        )}
      </p>
      {props.children}
    </div>
  )
}

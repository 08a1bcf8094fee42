import { Navigate, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { get, post } from '../../api.ts'
import { useOwnSettings } from '../../frame/own-settings.ts'
import { useMe } from '../../ui/base/session.ts'
import { ReasonDialog } from '../../ui/overlay/confirm.tsx'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { toastError } from '../../ui/overlay/toasts.tsx'
import { useLanguage, useSay } from '../../words.ts'
import type { DeliveryRow } from '../types.ts'
import { useLabelAtLast } from './label-at-last.ts'
import { useScale } from './scale.ts'
import { soundSetting } from './sounds.ts'
import { Banner, ScanBox } from './station-banner.tsx'
import { type StationRun, stationKeys } from './station-keys.ts'
import { Foot, Goods, StopSteps, TopLine } from './station-parts.tsx'
import { stationSetting } from './station-setting.ts'
import { stationWords as words } from './station-words.ts'
import { useStation } from './use-station.ts'
import './station.css'

const PrintDialog = lazy(() => import('../print-dialog-page.tsx'))

/** 验货台: the whole screen, without the menu. The scan box has the focus; everything else is a function key. */
export default function StationPage() {
  useOwnSettings()
  const chinese = useLanguage() === 'zh'
  const station = stationSetting.use()
  return (
    <div className={chinese ? 'station' : 'station english'}>
      {station === '' ? <Navigate to="/stations" /> : <Desk key={station} station={station} />}
    </div>
  )
}

type Asked = 'help' | 'off' | { print: readonly DeliveryRow[] } | undefined

function Desk({ station }: { station: string }) {
  const me = useMe()
  const box = useRef<HTMLInputElement>(null)
  const desk = useStation(station)
  const { parcel, reply } = desk
  const [asked, setAsked] = useState<Asked>()
  const close = () => setAsked(undefined)
  const { lastGrams, isWeighing, weigh } = useWeighing(desk, asked !== undefined)
  const scale = useScale(weigh)
  const enter = useScans(desk, (text) => {
    const grams = isWeighing ? typedGrams(text) : undefined
    if (grams !== undefined) weigh(grams)
    return grams !== undefined
  })
  const letOff = () => reply?.kind === 'off' && lastGrams !== undefined && setAsked('off')
  const run: StationRun = {
    ...useStationWays(desk, setAsked),
    letOff,
    short: () => desk.aside(true),
    aside: () => desk.aside(false),
    mute: () => soundSetting.set(soundSetting.read() === 'off' ? 'on' : 'off'),
    again: () => desk.recount(),
  }
  useFunctionKeys(run, box, asked !== undefined)
  useFocus(box, asked !== undefined)
  const scanBox = <ScanBox box={box} parcel={parcel} onEnter={enter} />
  return (
    <>
      <TopLine station={station} user={me?.name ?? ''} scale={scale} run={run} />
      <Banner parcel={parcel} reply={reply} failed={desk.failed} onLetOff={letOff} />
      {parcel?.stop ? (
        <StopSteps parcel={parcel}>{scanBox}</StopSteps>
      ) : (
        <Goods parcel={parcel}>{scanBox}</Goods>
      )}
      <Foot
        parcel={parcel}
        grams={scale.grams ?? lastGrams}
        users={desk.users}
        stopped={desk.stopped}
        userId={me?.id ?? ''}
        run={run}
      />
      {asked === 'help' && <Help onClose={close} />}
      {asked === 'off' && lastGrams !== undefined && (
        <ReasonDialog
          title={words.letOffTitle}
          act={words.letOffAct}
          count={1}
          onSubmit={(reason) => {
            desk.weigh(lastGrams, reason)
            close()
          }}
          onClose={close}
        />
      )}
      <Suspense>{typeof asked === 'object' && <PrintDialog rows={asked.print} onClose={close} />}</Suspense>
    </>
  )
}

type StationDesk = ReturnType<typeof useStation>

/** Takes weights of the parcel on the station. `lastGrams`: its last weight. */
function useWeighing({ parcel, weigh: send }: StationDesk, paused: boolean) {
  const [last, setLast] = useState<{ deliveryId: string; grams: number }>()
  const lastGrams = last?.deliveryId === parcel?.deliveryId ? last?.grams : undefined
  const isWeighing = parcel?.workState === 'weigh' && !parcel.stop
  /** True if the weight was taken: a scale offers one that was not again, as while a dialog is open. */
  const weigh = (grams: number) => {
    if (!isWeighing || paused) return false
    setLast({ deliveryId: parcel.deliveryId, grams })
    send(grams)
    return true
  }
  return { lastGrams, isWeighing, weigh }
}

/** Returns what the scan box does with a text. `isWeight`: takes the text if it is a weight. */
function useScans({ parcel, scan, showUnprinted }: StationDesk, isWeight: (text: string) => boolean) {
  const label = useLabelAtLast(parcel, ({ no }, why) => {
    if (why === undefined) scan(no)
    else if (why !== '') showUnprinted(why)
  })
  return (text: string) => {
    if (isWeight(text)) return
    const settling = label.beforeScan(text)
    if (!settling) return scan(text)
    return void settling.catch(toastError).then(() => scan(text))
  }
}

/** The function keys that open a dialog or leave the station. */
function useStationWays({ parcel }: StationDesk, ask: (asked: Asked) => void) {
  const navigate = useNavigate()
  const print = async () => {
    if (!parcel) return
    const { rows } = await get('/deliveries', { ids: parcel.deliveryId, tab: 'all' })
    ask({ print: rows })
  }
  const changeUser = async () => {
    await post('/sign-out').catch(() => undefined)
    location.assign('/sign-in?next=/stations')
  }
  return {
    help: () => ask('help'),
    user: () => void changeUser(),
    print: () => void print().catch(toastError),
    out: () => void navigate({ to: '/stations' }),
  }
}

/** "5930" grams, or "5.93" kilograms. Undefined: it is a code. */
function typedGrams(text: string): number | undefined {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  return /^\d{1,3}\.\d{1,3}$/.test(text) ? Math.round(Number(text) * 1000) : undefined
}

/** Only function keys act, since scanners type letters and digits; these go to the scan box. */
function useFunctionKeys(
  run: StationRun,
  box: React.RefObject<HTMLInputElement | null>,
  paused: boolean,
): void {
  const latest = useRef(run)
  latest.current = run
  useEffect(() => {
    if (paused) return undefined
    const onKey = (event: KeyboardEvent) => {
      // A scanner may type before the focus is back, as after a dialog.
      if (event.key.length === 1) box.current?.focus()
      const found = stationKeys.find(({ key }) => key === event.key)
      if (!found || event.altKey || event.ctrlKey || event.metaKey) return
      event.preventDefault()
      latest.current[found.name]()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [box, paused])
}

/** Brings the focus back to the scan box, after any click. */
function useFocus(box: React.RefObject<HTMLInputElement | null>, paused: boolean): void {
  useEffect(() => {
    if (paused) return undefined
    const back = () => setTimeout(() => box.current?.focus(), 0)
    back()
    document.addEventListener('focusout', back)
    addEventListener('focus', back)
    return () => {
      document.removeEventListener('focusout', back)
      removeEventListener('focus', back)
    }
  })
}

function Help({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const lines = [words.help1, words.help2, words.help3, words.help5, words.help4]
  return (
    <Dialog title={say(words.helpTitle)} label={say(words.helpTitle)} onClose={onClose}>
      <ol className="station-help">
        {lines.map((line) => (
          <li key={line[0]}>{say(line)}</li>
        ))}
      </ol>
      <p>
        <a href={`/guide/${useLanguage()}/station.html`} target="_blank" rel="noreferrer">
          {say(words.guide)}
        </a>
      </p>
    </Dialog>
  )
}

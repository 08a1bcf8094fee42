import { useNavigate } from '@tanstack/react-router'
import { Button } from '../ui/button.tsx'
import { count } from '../ui/figures.tsx'
import { linkOf } from '../ui/search-params.ts'
import { Dot } from '../ui/status.tsx'
import { span } from '../ui/time.ts'
import { useSay } from '../words.ts'
import type { Alarm } from './types.ts'

/** What cannot wait, each with the one act that helps. */
export function Alarms({ alarms, now }: { alarms: readonly Alarm[] | undefined; now: number }) {
  const say = useSay()
  const navigate = useNavigate()
  return (
    <section id="alarms" className="panel alarms" aria-label={say(['告警', 'Alarms'])} tabIndex={-1}>
      <header className="panel-head">
        <h2>{say(['告警', 'Alarms'])}</h2>
        {alarms && alarms.length > 0 && <span className="t2 num">{count(alarms.length)}</span>}
      </header>
      <ul>
        {alarms?.map((alarm, index) => (
          <li key={alarm.id}>
            <Dot tone={alarm.tone} />
            <div className="grow">
              <p className="medium">{say(alarm.title)}</p>
              <p className="t2 small">{say(alarm.detail)}</p>
            </div>
            <div className="alarm-act">
              <span className="t2 small num">{alarm.since && span(now - Date.parse(alarm.since))}</span>
              <Button
                size="small"
                kind={index === 0 && alarm.tone === 'bad' ? 'primary' : 'plain'}
                onClick={() => void navigate(linkOf(alarm.to))}
              >
                {say(alarm.act)}
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {alarms?.length === 0 && (
        <p className="panel-empty t2">
          {say(['没有告警。有事会在这里和顶栏亮起。', 'No alarms. They light up here and in the top bar.'])}
        </p>
      )}
    </section>
  )
}

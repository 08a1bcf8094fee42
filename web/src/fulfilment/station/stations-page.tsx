import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { PageActs } from '../../ui/act/acts.tsx'
import { useAllowed } from '../../ui/base/session.ts'
import { TextField } from '../../ui/form/form.tsx'
import { PageHead } from '../../ui/list/tabs.tsx'
import { useSay } from '../../words.ts'
import { stationSetting } from './station-setting.ts'
import { stationWords as words } from './station-words.ts'
import './station.css'

/** 验货台: names the station of this computer, and opens it on the whole screen. */
export default function StationsPage() {
  const say = useSay()
  const navigate = useNavigate()
  const allowed = useAllowed()('fulfilment.ship')
  const [name, setName] = useState(stationSetting.read())
  const begin = () => {
    stationSetting.set(name.trim())
    void navigate({ to: '/station' })
  }
  // A parcel that is scanned before the station is opened ends with Enter, and would become the name of the station.
  const isScanned = /\d{8,}/.test(name)
  const wrong = name.trim() === '' ? words.nameTitle : isScanned ? words.nameScanned : undefined
  const why = allowed ?? (wrong && say(wrong))
  return (
    <div className="page">
      <PageHead title={say(words.menu)}>
        <PageActs
          acts={[{ name: 'begin', words: words.begin, letter: 'N', primary: true, why, run: begin }]}
        />
      </PageHead>
      <div className="scroll body">
        <form
          className="panel station-name"
          onSubmit={(event) => {
            event.preventDefault()
            if (why === undefined) begin()
          }}
        >
          <TextField
            label={say(words.nameLabel)}
            value={name}
            maxLength={40}
            hint={say(isScanned ? words.nameScanned : words.nameHint)}
            onChange={setName}
            autoFocus
          />
          <ol className="station-help">
            {[words.help1, words.help2, words.help3, words.help5, words.help4].map((line) => (
              <li key={line[0]}>{say(line)}</li>
            ))}
          </ol>
        </form>
      </div>
    </div>
  )
}

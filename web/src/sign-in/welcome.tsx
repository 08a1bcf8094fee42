import type { ReactNode } from 'react'
import { Logo } from '../ui/base/logo.tsx'
import { type LocalizedPair, setLanguage, useLanguage, useSay } from '../words.ts'
import './welcome.css'

const three: readonly { words: LocalizedPair; says: LocalizedPair; lines: readonly boolean[] }[] = [
  {
    words: ['简易', 'Simple'],
    says: ['一处看清，一键做完', 'Seen in one place, done with one key'],
    lines: [true, false, false],
  },
  {
    words: ['变易', 'Changing'],
    says: ['订单时刻在变，变了就知道', 'Orders change all the time; you know when they do'],
    lines: [false, true, false],
  },
  {
    words: ['不易', 'Constant'],
    says: ['不丢一单，不重一单，分毫不差', 'Nothing lost, nothing twice, exact to the cent'],
    lines: [true, true, true],
  },
]

/** The frame of the pages before sign-in: the product at the left, the form at the right. */
export function Welcome({ wide = false, children }: { wide?: boolean; children: ReactNode }) {
  const say = useSay()
  const language = useLanguage()
  return (
    <div className="welcome">
      <aside className="welcome-left">
        <div className="welcome-brand">
          <Logo /> {say(['三易', 'Sanyi'])}
        </div>
        <ul>
          {three.map(({ words, says, lines }) => (
            <li key={words[0]}>
              <Trigram lines={lines} />
              <div>
                <h2>{say(words)}</h2>
                <p>{say(says)}</p>
              </div>
            </li>
          ))}
        </ul>
        <p className="t2 small">
          {say(['电商订单中台，开源，装在自己的机器上', 'An open order hub on your own machine'])}
        </p>
      </aside>
      <main className="welcome-right">
        <button
          type="button"
          className="link welcome-language"
          onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          {language === 'zh' ? 'English' : '中文'}
        </button>
        <div className={wide ? 'welcome-form wide' : 'welcome-form'}>{children}</div>
      </main>
    </div>
  )
}

const lineTops = [0, 13, 26]

function Trigram({ lines }: { lines: readonly boolean[] }) {
  return (
    <svg width="44" height="32" viewBox="0 0 44 32" aria-hidden="true">
      {lineTops.map((y, index) => (
        <path
          key={y}
          d={lines[index] ? `M0 ${y}h44v6H0z` : `M0 ${y}h19v6H0zM25 ${y}h19v6H25z`}
          fill="currentColor"
        />
      ))}
    </svg>
  )
}

export function WizardSteps({ steps, at }: { steps: readonly string[]; at: number }) {
  return (
    <ol className="steps wizard-steps">
      {steps.map((step, index) => (
        <li
          key={step}
          className={index < at ? 'done' : index === at ? 'now' : 'ahead'}
          aria-current={index === at ? 'step' : undefined}
        >
          <i aria-hidden="true">{index < at ? '✓' : index + 1}</i>
          <div>
            <b>{step}</b>
          </div>
        </li>
      ))}
    </ol>
  )
}

import { contents, pages, searched } from 'virtual:guide'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from '@tanstack/react-router'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { menuPages } from '../frame/menu.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError } from '../ui/base/empty.tsx'
import { useKeys } from '../ui/base/keys.ts'
import { shared } from '../ui/base/words.ts'
import { listWords } from '../ui/list/list-words.ts'
import { useLanguage, useSay } from '../words.ts'
import { GuideSections } from './guide-sections.tsx'
import { KeyList } from './key-list.tsx'
import { searchGuide } from './search.ts'
import { sectionOf } from './sections.ts'
import './guide.css'

const words = {
  help: ['帮助', 'Help'],
  search: ['搜帮助，例：面单打坏了怎么办', 'Search help, such as: reprint a label'],
  results: ['找到的', 'Found'],
  nothing: ['没有找到。换个说法，或看目录', 'Nothing found. Try other words, or the contents'],
  more: ['还想知道', 'More of this'],
  contents: ['目录', 'Contents'],
  site: ['新窗口看 ↗', 'In a window ↗'],
  here: ['回到这一页的帮助', 'Help on this page'],
  whole: ['{title}，整篇', '{title}, in full'],
} as const

/** What the panel shows: the help on the page beside it, another section, a whole page of the guide, or the contents. */
type View =
  | { kind: 'here' }
  | { kind: 'at'; to: string }
  | { kind: 'whole'; page: string }
  | { kind: 'contents' }

/** The help beside a page. The page stays in use: its keys work, and the keys and the section change with it. */
export default function HelpPanel({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const language = useLanguage()
  const { pathname } = useLocation()
  const [view, setView] = useState<View>({ kind: 'here' })
  const [asked, setAsked] = useState('')
  const box = useRef<HTMLElement>(null)
  useKeys([{ key: 'Escape', words: listWords.keyBack, run: onClose }])
  useFocusInside(box)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page has another section
  useEffect(() => setView({ kind: 'here' }), [pathname])
  const show = (next: View) => {
    setAsked('')
    setView(next)
    box.current?.querySelector('.help-body')?.scrollTo(0, 0)
  }
  const page = menuPages.find(({ to }) => to === pathname)
  return (
    <section ref={box} className="help" role="dialog" aria-label={say(words.help)} tabIndex={-1}>
      <header className="help-head">
        <h2>{say(words.help)}</h2>
        {page && <span className="t2 cut">{say(page.words)}</span>}
        <div className="push">
          <Button letter="Esc" size="small" kind="quiet" onClick={onClose}>
            {say(shared.close)}
          </Button>
        </div>
      </header>
      <div className="help-body">
        <input
          className="input"
          type="search"
          aria-label={say(words.search)}
          placeholder={say(words.search)}
          value={asked}
          onChange={(event) => setAsked(event.target.value)}
        />
        {asked.trim() === '' ? (
          <Shown view={view} section={sectionOf(pathname)} onShow={show} />
        ) : (
          <Results asked={asked} onShow={show} />
        )}
      </div>
      <footer className="help-foot">
        {view.kind !== 'here' && (
          <Button size="small" kind="quiet" onClick={() => show({ kind: 'here' })}>
            {say(words.here)}
          </Button>
        )}
        <div className="row push">
          <Button size="small" kind="quiet" onClick={() => show({ kind: 'contents' })}>
            {say(words.contents)}
          </Button>
          <a
            href={`/guide/${language}/${pageOf(view, sectionOf(pathname))}.html`}
            target="_blank"
            rel="noreferrer"
          >
            {say(words.site)}
          </a>
        </div>
      </footer>
    </section>
  )
}

/** The page of the guide that is shown, for the site; its first page beside the contents. */
function pageOf(view: View, section: string): string {
  if (view.kind === 'contents') return 'start'
  const to = view.kind === 'whole' ? view.page : view.kind === 'at' ? view.to : section
  return to.split('#')[0] ?? ''
}

/** Puts the focus on the panel, so that the keys of the page still work; on closing it returns, unless it is on the page already. */
function useFocusInside(box: RefObject<HTMLElement | null>): void {
  const [before] = useState(document.activeElement)
  useEffect(() => {
    box.current?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus()
    }
  }, [box, before])
}

type Showing = { onShow: (view: View) => void }

function Shown({ view, section, onShow }: Showing & { view: View; section: string }) {
  if (view.kind === 'contents') return <Contents onShow={onShow} />
  if (view.kind === 'whole') return <Part to={`${view.page}#`} whole onShow={onShow} />
  if (view.kind === 'at') return <Part to={view.to} onShow={onShow} />
  return (
    <Part to={section} onShow={onShow}>
      <KeyList />
    </Part>
  )
}

/** A section of the guide, or a whole page of it, and the other sections of its page. */
function Part(props: Showing & { to: string; whole?: boolean; children?: ReactNode }) {
  const { to, whole = false, children, onShow } = props
  const say = useSay()
  const language = useLanguage()
  const [page = '', id = ''] = to.split('#')
  const { data, error, refetch } = useQuery({
    queryKey: ['guide', language, page],
    queryFn: async () => (await pages[language][page]?.()) ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (!data)
    return (
      <>
        {error && <LoadError error={error} onRetry={() => void refetch()} />}
        {children}
      </>
    )
  const { title, sections } = data.page
  const others = sections.filter((each) => each.level === 2 && each.id !== id)
  return (
    <>
      <GuideSections
        page={data.page}
        pictures={data.pictures}
        id={whole ? undefined : id}
        beside={children !== undefined}
        onFollow={(next) => onShow({ kind: 'at', to: next })}
      />
      {children}
      {!whole && (
        <nav className="help-more" aria-label={say(words.more)}>
          <h3>{say(words.more)}</h3>
          <ul>
            {others.slice(0, 6).map((other) => (
              <li key={other.id}>
                <LinkButton onPress={() => onShow({ kind: 'at', to: `${page}#${other.id}` })}>
                  {other.title}
                </LinkButton>
              </li>
            ))}
            <li>
              <LinkButton onPress={() => onShow({ kind: 'whole', page })}>
                {say(words.whole, { title })}
              </LinkButton>
            </li>
          </ul>
        </nav>
      )}
    </>
  )
}

function Contents({ onShow }: Showing) {
  const language = useLanguage()
  return contents[language].map((group) => (
    <nav key={group.title} className="help-more" aria-label={group.title}>
      <h3>{group.title}</h3>
      <ul>
        {group.pages.map(({ page, title }) => (
          <li key={page}>
            <LinkButton onPress={() => onShow({ kind: 'whole', page })}>{title}</LinkButton>
          </li>
        ))}
      </ul>
    </nav>
  ))
}

function Results({ asked, onShow }: Showing & { asked: string }) {
  const say = useSay()
  const language = useLanguage()
  const { data, error, refetch } = useQuery({
    queryKey: ['guide', language],
    queryFn: () => searched[language](),
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (error) return <LoadError error={error} onRetry={() => void refetch()} />
  if (!data) return null
  const hits = searchGuide(data.entries, asked)
  if (hits.length === 0)
    return (
      <p className="t2" role="status">
        {say(words.nothing)}
      </p>
    )
  return (
    <nav className="help-more" aria-label={say(words.results)}>
      <ul>
        {hits.map(({ page, id, title, piece }) => (
          <li key={`${page}#${id}`}>
            <LinkButton onPress={() => onShow({ kind: 'at', to: `${page}#${id}` })}>{title}</LinkButton>
            <p className="t2 small">{piece}</p>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function LinkButton({ onPress, children }: { onPress: () => void; children: string }) {
  return (
    <button type="button" className="help-link" onClick={onPress}>
      {children}
    </button>
  )
}

import { useQueries } from '@tanstack/react-query'
import { Link, useLocation } from '@tanstack/react-router'
import { useState } from 'react'
import { getCounts } from '../api.ts'
import { every } from '../ui/base/every.ts'
import { cappedCount } from '../ui/base/figures.tsx'
import { useMay, useMayOpen, usePlatforms } from '../ui/base/session.ts'
import { scopeSetting } from '../ui/base/store.ts'
import { Popover } from '../ui/overlay/overlay.tsx'
import { useSay } from '../words.ts'
import { type MenuPage, type MenuSection, menu, platformPages } from './menu.ts'

/** The menu. Below 1360 px it is narrow, and the pages of a section open beside it. */
export function SideMenu() {
  const say = useSay()
  const may = useMay()
  const mayOpen = useMayOpen()
  const { pathname } = useLocation()
  const sections = menu
    .map((section) => ({ ...section, pages: section.pages?.filter(({ to }) => mayOpen(to)) }))
    .filter(({ pages, permission }) => (pages ? pages.length > 0 : !permission || may(permission)))
  const current = sections.find(
    (section) =>
      section.to === pathname ||
      (section.to !== undefined && section.to !== '/' && pathname.startsWith(`${section.to}/`)) ||
      section.pages?.some((page) => page.to === pathname),
  )?.key
  /** The sections that the user has opened or closed. The current one of the others is open. */
  const [turned, setTurned] = useState<Record<string, boolean>>({ intake: true })
  return (
    <nav className="side" aria-label={say(['主菜单', 'Main menu'])}>
      <ul className="side-full">
        {sections.map((section) => {
          if (!section.pages)
            return <Item key={section.key} to={section.to ?? '/'} words={say(section.words)} />
          const open = turned[section.key] ?? section.key === current
          return (
            <li key={section.key}>
              <button
                type="button"
                className={`side-item ${section.key === current ? 'current' : ''}`}
                aria-expanded={open}
                onClick={() => setTurned({ ...turned, [section.key]: !open })}
              >
                <span className="grow cut">{say(section.words)}</span>
                <svg
                  width="9"
                  height="6"
                  viewBox="0 0 9 6"
                  aria-hidden="true"
                  style={open ? { transform: 'scaleY(-1)' } : undefined}
                >
                  <path d="M.7.9 4.5 4.7 8.3.9" fill="none" stroke="currentColor" />
                </svg>
              </button>
              {open && <Pages section={section} pages={section.pages} />}
            </li>
          )
        })}
      </ul>
      <ul className="side-rail">
        {sections.map((section) => (
          <RailItem key={section.key} section={section} current={section.key === current} />
        ))}
      </ul>
    </nav>
  )
}

function Pages(props: { section: MenuSection; pages: readonly MenuPage[]; onPick?: () => void }) {
  const { section, pages, onPick } = props
  const say = useSay()
  const counts = useMenuCounts(pages)
  return (
    <>
      <ul className="side-pages">
        {pages.map((page) => (
          <Item
            key={page.to}
            to={page.to}
            words={say(page.words)}
            count={counts.get(page.to)}
            onPick={onPick}
          />
        ))}
      </ul>
      {section.byPlatform && <PlatformLinks pages={pages} onPick={onPick} />}
    </>
  )
}

/** A link for each platform: to the page that is open, or to the first one, with the trades or refunds of that platform only. */
function PlatformLinks(props: { pages: readonly MenuPage[]; onPick?: (() => void) | undefined }) {
  const { pages, onPick } = props
  const say = useSay()
  const platforms = usePlatforms()
  const { pathname } = useLocation()
  const split = pages.filter(({ to }) => platformPages.includes(to))
  const page = split.find(({ to }) => to === pathname) ?? split[0]
  if (!page || platforms.length === 0) return null
  return (
    <ul className="side-platforms" aria-label={say(['按平台', 'By platform'])}>
      {platforms.map(({ id, name }) => (
        <li key={id}>
          <Link
            to={page.to}
            search={{ platform: id }}
            className="side-item"
            activeOptions={{ includeSearch: true }}
            activeProps={{ 'aria-current': 'page' }}
            title={`${say(name)} · ${say(page.words)}`}
            {...(onPick ? { onClick: onPick } : {})}
          >
            <span className="cut">{say(name)}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Item({
  to,
  words,
  count,
  onPick,
}: {
  to: string
  words: string
  count?: string | undefined
  onPick?: (() => void) | undefined
}) {
  return (
    <li>
      <Link
        to={to}
        className="side-item"
        activeOptions={{ exact: to === '/', includeSearch: false }}
        activeProps={{ 'aria-current': 'page' }}
        {...(onPick ? { onClick: onPick } : {})}
      >
        <span className="grow cut">{words}</span>
        {count && <span className="num side-count">{count}</span>}
      </Link>
    </li>
  )
}

function RailItem({ section, current }: { section: MenuSection; current: boolean }) {
  const say = useSay()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  if (!section.pages) return <Item to={section.to ?? '/'} words={say(section.words)} />
  return (
    <li>
      <button
        type="button"
        className={`side-item ${current ? 'on' : ''}`}
        aria-haspopup="menu"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <span className="cut">{say(section.words)}</span>
      </button>
      {anchor && (
        <Popover anchor={anchor} side="beside" label={say(section.words)} onClose={() => setAnchor(null)}>
          <div className="side-flyout">
            <Pages section={section} pages={section.pages} onPick={() => setAnchor(null)} />
          </div>
        </Popover>
      )}
    </li>
  )
}

function useMenuCounts(pages: readonly MenuPage[]): Map<string, string> {
  const scope = scopeSetting.use()
  const counted = pages.flatMap(({ to, counted: path, countedWith, shopKey = 'shop' }) =>
    path ? [{ to, path, filter: { ...(scope && shopKey ? { [shopKey]: scope } : {}), ...countedWith } }] : [],
  )
  const answers = useQueries({
    queries: counted.map(({ path, filter }) => ({
      queryKey: [path, 'counts', filter],
      queryFn: () => getCounts(path, filter),
      refetchInterval: every(15_000),
      retry: false,
    })),
  })
  return new Map(
    counted.flatMap(({ to }, at) => {
      const first = Object.values(answers[at]?.data?.tabs ?? {})[0]
      return first && first.count > 0 ? [[to, cappedCount(first)]] : []
    }),
  )
}

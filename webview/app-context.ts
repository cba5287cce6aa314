import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Saying } from '../src/shared/state-words';
import type { AppState } from './state/app-state';
import type { Wording } from './state/sentences';

/** Hands the app's state to its components. */
export const AppContext = createContext<AppState | null>(null);

/** The app's state; throws outside of the app. */
export function useApp(): AppState {
  const app = useContext(AppContext);
  if (!app) throw new Error('A component was used outside of the app.');
  return app;
}

/** The words of the moment; the app shows nothing before it has them. */
export function useWords(): Wording {
  const wording = useApp().wording.value;
  if (!wording) throw new Error('A component was drawn before the words arrived.');
  return wording;
}

/** What the shared words for states need; reading it draws anew each second, so only small components may. */
export function useSaying(): Saying {
  const { clock } = useApp();
  const { strings, formats } = useWords();
  return { strings, locale: formats.locale, nowMs: clock.nowMs.value };
}

import { crc32 } from 'node:zlib';

/** A Twitch account that exists only in the simulator. */
export interface SimulatedUser {
  id: string;
  login: string;
  displayName: string;
}

const NAMES = [
  'AdaLovelace GraceHopper AlanTuring KatherineJ MargaretH RadiaPerlman EdsgerD BarbaraLiskov DonaldK JohnBackus',
  'HedyLamarr DorothyVaughan MaryJackson AnnieEasley JeanBartik FranAllen AdeleGoldberg KarenSJ LynnConway',
  'KenThompson DennisR BrianK BjarneS GuidoVR LinusT TimBL VintCerf BobKahn LarryWall NiklausWirth TonyHoare',
  'JohnMcCarthy MarvinM SeymourP ClaudeShannon KonradZuse CharlesB GeorgeBoole KurtGoedel AlonzoChurch Haskell_C',
  'StephenKleene EmmyNoether SophieWilson SteveWoz ChuckMoore IvanS DougEngelbart AlanKay ButlerL JimGray',
  'TedCodd MichaelS LeslieLamport ShafiG SilvioM WhitfieldD MartinHellman RonRivest AdiShamir LenAdleman',
  'JohnHopcroft DanaScott MichaelRabin RobinMilner JudeaPearl ManuelBlum AndrewYao FrancesSpence KayMcNulty',
  'BettyHolberton RuthT_Davis EvelynBG ErnaH MaryKeller ThelmaE IdaRhodes GladysWest MelbaMouton ValerieT',
].flatMap(line => line.split(' '));

const BOT_STEMS = ['hoss00312', 'quietstream', 'viewbump', 'follow4real', 'growfastnow', 'streamlift'];

const FIRST_VIEWER_ID = 400_200_001;

/** Everybody that the simulator knows, by id and by name; the same name is always the same person. */
export class People {
  readonly #byId = new Map<string, SimulatedUser>();
  readonly #byName = new Map<string, SimulatedUser>();
  #nextName: number;

  constructor(users: readonly SimulatedUser[], nextName: number) {
    this.#nextName = nextName;
    for (const user of users) this.#add(user);
  }

  /** Which of the friendly names comes next: has to be kept for `new People` to go on from here. */
  get nextName(): number {
    return this.#nextName;
  }

  all(): IterableIterator<SimulatedUser> {
    return this.#byId.values();
  }

  get(id: string): SimulatedUser | null {
    return this.#byId.get(id) ?? null;
  }

  findByLogin(login: string): SimulatedUser | null {
    const wanted = login.toLowerCase();
    return this.#byName.get(wanted) ?? [...this.#byId.values()].find(user => user.login === wanted) ?? null;
  }

  /** The person of that display name, who comes into being if new. */
  named(displayName: string): SimulatedUser {
    const known = this.#byName.get(displayName.toLowerCase());
    if (known) return known;
    const id = this.#freeId(displayName.toLowerCase());
    const user = { id, login: toLogin(displayName, id), displayName };
    this.#add(user);
    return user;
  }

  /** Somebody new with a friendly name; digits follow the names when they run out. */
  invent(): SimulatedUser {
    for (;;) {
      const index = this.#nextName++;
      const round = Math.floor(index / NAMES.length);
      // Steps through the list by a number that shares no factor with its length, so that neighbours differ.
      const name = NAMES[(index * coprimeStep(NAMES.length)) % NAMES.length] ?? 'AdaLovelace';
      const displayName = round === 0 ? name : `${name}${round + 1}`;
      if (!this.#byName.has(displayName.toLowerCase())) return this.named(displayName);
    }
  }

  /** Somebody new with the kind of name that follow bots have. */
  inventBot(): SimulatedUser {
    const number = this.#nextName++;
    return this.named(`${BOT_STEMS[number % BOT_STEMS.length] ?? 'bot'}_${number.toString(36)}`);
  }

  /**
   * Follows from the name: a simulator that died before it saved somebody gives their id to nobody else, because
   * Twitch never does.
   */
  #freeId(name: string): string {
    let id = FIRST_VIEWER_ID + crc32(name);
    while (this.#byId.has(String(id))) id++;
    return String(id);
  }

  #add(user: SimulatedUser): void {
    this.#byId.set(user.id, user);
    this.#byName.set(user.displayName.toLowerCase(), user);
  }
}

function coprimeStep(length: number): number {
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b));
  let step = 31;
  while (divides(step, length) !== 1) step += 2;
  return step;
}

/** Twitch's logins are lower-case letters, digits and underscores; a name in another script gets one of its own. */
function toLogin(displayName: string, id: string): string {
  const login = displayName.toLowerCase();
  return /^[a-z0-9_]{1,25}$/.test(login) ? login : `user_${id}`;
}

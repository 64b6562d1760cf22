"""Words that captions of motions are made of, by what they do in a sentence.

A lexicon of motion verbs and of closed word classes, gathered from general English and from reading HumanML3D and KIT-ML
captions. It knows words, no captions.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from chronomotion.language.verbs import gerund_of, past_forms, third_of

__all__ = [
    "ADVERBS", "ASPECT", "AUXILIARIES", "BE", "BODY_PARTS", "COUNTED", "DETERMINERS", "DIRECTIONS", "LIGHT", "MANNER",
    "MOTION_NOUNS", "NOUN_ADJECTIVES", "NUMBERS", "PERSONS", "POSSESSIVES", "POSTURE", "PREPOSITIONS", "PRONOUNS",
    "QUANTIFIERS", "STATIVE", "SUBORDINATORS", "NOUN_VERBS", "TRANSITIVE", "VERBS", "Form", "verb_forms",
]  # fmt: skip

VERBS = frozenset(
    """
absorb accelerate accept ache achieve acknowledge act add adjust admire advance aim alternate amble animate answer
apologize appear applaud apply approach arch argue arise arm-wrestle arrange arrive ascend ask assemble assist assume
attack attempt avoid babble back backflip backpedal backstep balance bang bark bash bat bathe battle be beat beckon beg
begin behave bend bicycle bike bite blink block blow bob bobble bop bounce bow bowl box brace brake break breakdance
breathe bring brush buckle build bump bunch burst button call cancel caress carry cartwheel carve cast catch celebrate
chain change charge chase chat check cheer chew choke chop chuck circle clap clasp claw clean clear climb clinch cling
close clutch coil collapse collect collide comb combine come compensate complete conduct confront congratulate consider
contemplate continue contort control convulse cook cool cough count counter counterbalance counteract cover crab-walk crack
cradle crane crank crash crawl create creep cringe criss-cross crisscross cross crouch crumple cry cuddle cup curl curtsy
curve cut cycle dance dangle dart dash deal decelerate decide defend deflect deliver demonstrate descend describe
deviate dial dig dip direct disagree discard discuss display distribute dive do dodge drag draw drift drill drink
dribble drive drop drum dry duck dump dunk dust eat edge elaborate elbow elevate embrace empty encourage end enjoy
enter erect escape evade examine exchange exclaim execute exercise exhale exit explain explore express extend face fail
faint fake fall falter fan fear feed feel feign fence fend fiddle fidget fight file fill find finish fire fish fist-bump fit fix
flail flap flatten flex flick flinch fling flip float flop floss flow flutter fly focus fold follow fondle force form
freeze frighten frolic fumble gain gallop gather gaze gesticulate gesture get give glance glide go golf goose-step grab grapple grasp
graze greet grin grip groom grope guard guide guzzle halt hammer hand handle have hang head headbang heel hesitate hide high-five
high-kick highfive hike hinge hit hobble hoist hold hold hoover hop hover hug hula hunch hurdle hurl hurry hurt imitate
impersonate incline increase indicate inhale injure inspect inspire intercept interact interlace interlock interrupt introduce
invite isolate itch jab jerk jig jiggle job jog join jostle juggle juke jump keep kick kickbox kill kiss knead knee kneel knock know
land laugh launch lay lead lean leap leave lecture let level lick lie lift limbo limp line listen load lob locate lock
loiter look loop loose loosen lose lounge lower lumber lunge lurch maintain make maneuver manipulate manoeuvre march massage measure
meditate meet mime mimic mirror miss mix mop motion mount move mow nail nod notice nudge observe offer open operate
orient overbalance overcome overstep pace pack paddle paint panic pant pantomime parade part pass pat patrol pause pay peck peddle pedal peek peel
peer perch perform pet pick picture pirouette pitch pivot place plant play plop pluck plunge point poke ponder pop pose
position pounce pound pour practice practise prance pray prepare present press pretend proceed prod produce pronate prop
propel protect prowl pull pulse pump punch push put quicken race raise rake ramble ram reach react read realize rear rearrange
rebalance recede receive recline recoil recover redirect reel reenact regain register reject relax release
remain remove reorient repeat reposition represent rescue reset resist rest resume retract retreat retrieve return reverse revert revolve
ride rinse rip rise rock roll romp rotate row rub run rush salsa salute sand sashay saunter saw say scamper scan scare scatter
scoop scoot scour scramble scrape scratch scream screw scrub scuff scurry search seat secure see seem select send serve
set settle sew shadow-box shadowbox shake shape shave shield shift shimmy shine shiver shoot shorten shout shove shovel show shrug shuffle
shut shuttle sidestep side-step side-kick sidekick sign signal simulate sing sink sip sit skate skateboard ski skip slack slam slap
slash sleep slice slide slip slither slouch slow slump smack smash smear smell smile smoke smooth snake snap snatch
sneak sneeze snowboard soar speak speed spike spin splay spray spread spring sprinkle sprint squash squat squeeze squirm
squish stabilize stack stagger stalk stall stamp stand stare start startle stay steady steal steer step stick stiffen stir
stomp stoop stop straddle strafe straighten strain stray stretch stride strike stroke stroll strum strut struggle
stumble stutter sumo support surf surrender survey suspend swab swagger swap swat sway sweep swerve swim swing swipe swirl switch
swivel take talk tangle tap taunt teach tear teeter tell tense text think throw thrust thump tickle tie tighten tilt tip tiptoe
toddle topple toss totter touch tour tow trace trail train transfer transition transport travel traverse tread tremble trim trip
trot trudge try tuck tug tumble turn tweak twerk twiddle twirl twist twitch type unbutton unclasp uncross uncurl undo unfold
unhinge unlock unscrew untangle untie unwind unzip uppercut urinate use utilize vacuum vault veer vibrate view visit
vocalize volley vomit waddle wade wag waggle wait wake walk waltz wander warm wash watch water wave waver wear weave weigh welcome
whip whirl whisper whistle widen wiggle wince wind wipe wobble work workout wrap wrestle wring write yank yawn yell
help happen ready resemble want need organize organise retrace correct vary flare include allow hear suggest moonwalk match center
centre align recenter idle arc undulate emphasize emphasise track grapevine elongate stuff wish agree favor pick-up stack bounce die learn
zag zig zigzag zip zombie-walk zoom

    """.split()
)
"""Base forms of verbs that tell what a body does."""

NOUN_VERBS = frozenset(
    """
ache act aim answer arch attack attempt back balance bang bat battle beat bike bite block blow bob bounce bow bowl box
brake break brush bump button call cancel cartwheel cast catch chain change charge chase chat check cheer chop circle clap claw climb
clutch coil comb control cough count counter cover crack cradle crane crank crash crawl cross crouch cry cup curl curtsy curve cut
cycle dance dash deal dial dip display dive dodge drag draw drift drill drink drive drop drum dunk dust edge elbow embrace end
exercise exit face fake fall fan fear feed feel fence fight file fire fish fist-bump flap flick flip float flow fly focus fold force form freeze
gain gallop gaze gesture glance glide golf grab grasp grip guard guide halt hammer hand handle have head heel hike hinge hit hold hop hug hula
hurdle hurry hurt itch jab jerk jig job jog join juggle jump kick kiss knee knock land laugh launch lead lean leap level lick
lie lift limbo limp line load lock look loop lunge lurch march massage measure mime mirror mix mop motion mount move nail nod notice
nudge offer open pace pack paddle paint panic parade part pass pat pause peck pedal peel perch pet pick picture pirouette pitch pivot place plant
play plunge point poke pop pose position pound practice present press produce prop pull pulse pump punch push race raise rake
ramble ram reach rear recoil reel release repeat rescue reset rest retreat return reverse ride rinse rip rise rock roll
rotate row rub run rush salsa salute sand saw say scan scare scoop scramble scrape scratch scream screw scrub search seat shake shape shave shield
shift shimmy shine shiver shoot shout shove shovel show shrug shuffle shuttle side-kick side-step sidekick sidestep sign signal sip skate
skateboard ski skip slack slap slash sleep slice slide slip slouch slump smack smash smell smile smoke snake snap sneeze sort spike spin
splay spray spread spring sprint squash squat squeeze stack stagger stall stamp stand stare start stay steer step stick stir stomp stoop
stop strain stretch stride strike stroke stroll strum struggle strut stumble stutter sumo support surf survey swap swat sway
sweep swerve swim swing swipe swirl switch talk tap taunt tear text throw thrust thump tickle tie tilt tip tiptoe toss touch tour trace trail train
transfer transition transport travel tread tremble trim trip trot try tuck tug tumble turn twirl twist twitch type use
vault view visit volley wag waggle wait walk waltz watch water wave weave whip whirl whisper whistle wiggle wind wipe wobble work
workout wrap yawn yell zip zoom backflip uppercut wake hang bend speed help match center centre need want
    """.split()
)
"""Verbs whose base form, or third person, is a noun as well ("a turn", "two steps")."""

PERSONS = frozenset(
    """
person persons human humans man men woman women male female boy girl guy lady figure stickman stick-man individual subject
character somebody someone anyone one sim sims avatar actor dancer player robot toon kid child people being model mannequin
character's dummy someones stickfigure skeleton body gentleman dude toddler baby adult he she they it we you i
""".split()
)
"""Words for whoever moves."""

BODY_PARTS = frozenset(
    """
arm arms hand hands leg legs foot feet knee knees head heads elbow elbows shoulder shoulders wrist wrists hip hips waist torso
body chest finger fingers thumb thumbs fist fists palm palms forearm forearms ankle ankles toe toes heel heels neck face
back limb limbs thigh thighs eyes eye mouth ear ears chin nose stomach upper lower side sides weight weights
""".split()
)

PRONOUNS = frozenset("he she they it him her them this that these those himself herself itself themselves themself who which".split())
POSSESSIVES = frozenset("his her its their your my our one's someone's rheir thier there it's him's".split())
DETERMINERS = frozenset("a an the this that these those another each every no some any both either neither such what".split())
QUANTIFIERS = frozenset("few several couple many more some multiple various different other others much numerous additional".split())
NUMBERS = frozenset(
    """
one two three four five six seven eight nine ten eleven twelve half once twice thrice first second third fourth fifth last
double triple single quarter dozen
""".split()
)
PREPOSITIONS = frozenset(
    """
to from in on at of off into onto over under with without by for towards toward through across along around about above below
behind beside besides between against during near up down out like upon via past beyond inside outside within per atop
underneath beneath amongst among until till
""".split()
)
SUBORDINATORS = frozenset("while whilst as when whenever where wherever because since so if although though whereas until till unless than".split())
ADVERBS = frozenset(
    """
again also back forward forwards backward backwards sideways sideward sidewards upward upwards downward downwards upright still
around away together apart up down out in off over left right straight ahead fast slow quick further farther home there here
now just almost very quite really too even only once twice thrice maybe perhaps immediately suddenly abruptly soon eventually somewhat
first finally lastly then next instead simultaneously alternately meanwhile repeatedly diagonally clockwise counterclockwise
counter-clockwise anticlockwise anti-clockwise side-to-side inward inwards outward outwards low high hard aside overhead
underneath uphill downhill upstairs downstairs halfway midway mostly not never always often sometimes rather so somewhere
rightward rightwards leftward leftwards afterwards afterward likewise hunched lightly kind sort
""".split()
)
DIRECTIONS = frozenset(
    """
forward forwards backward backwards back left right sideways up down upward upwards downward downwards straight around
clockwise counterclockwise counter-clockwise anticlockwise in out away ahead foward fowards diagonally sideward sidewards again
faster slower quickly slowly over rightwards leftwards forth north south east west inwards outwards inward outward
""".split()
)
"""Words that alone can say how an unsaid verb goes on ("walks forward, then back")."""

AUXILIARIES = frozenset("is are was were be been being has have had does do did can could will would may might must should shall 's isn't are n't".split())
BE = frozenset("is are was were be been being am".split())

ASPECT = frozenset(
    """
start begin continue proceed try attempt seem appear pretend go keep stop finish resume prepare want need happen tend get
manage decide fail struggle end look practice practise act fake mime feign intend
""".split()
)
"""Verbs that take another verb with them ("starts to walk", "keeps walking", "appears to throw")."""

LIGHT = frozenset("do make take perform give execute complete have preform practice get throw start continue finish repeat receive".split())
"""Verbs whose noun says what is done ("takes a step", "does a kick")."""

STATIVE = frozenset("stand hold be have remain stay lie balance keep wait".split())
"""Verbs of states: what is told beside one with "and" goes on at the same time."""

POSTURE = frozenset("stand sit kneel lie crouch squat hold lean balance".split())

MANNER = frozenset("strut stroll swagger stagger limp sway stumble hobble wobble shuffle march tiptoe hunch smile laugh dance crouch".split())
"""Verbs that say how another one is done when they stand beside it bare ("walks around and struts")."""

TRANSITIVE = frozenset(
    """
lift raise lower grab throw put hold take catch drop bring open close push pull carry place pick set grasp hit strike wash wipe
clean stir rub touch extend toss pass move shake swing bend rotate stretch cross clap flap wave spread use unscrew pour eat drink
scrub brush
    """.split()
)
"""Verbs that want an object, which a second verb may lend them ("lifts and lowers the arms")."""

MOTION_NOUNS = frozenset(
    """
motion motions movement movements position positions pose poses gesture gestures exercise exercises action actions stance manner
fashion style pace speed jack jacks pattern routine dance activity stretch stretches posture form move moves direction
gait kick kicks punch punches jump jumps step steps person man woman human figure object point place spot area lap laps arc
ball chair speech stride strides leg foot arm hand
    """.split()
)
"""Nouns before which a participle is an adjective ("a waving motion", "jumping jacks", "a standing person")."""

COUNTED = frozenset(
    """
step steps stride strides hop hops jump jumps leap leaps lap laps meter meters metre metres m feet foot pace paces second seconds
moment moments while time times distance bit minute minutes yard yards inch inches circle circles rotation rotations turn
turns degree degrees length
    """.split()
)
"""What a stretch of the event before is measured in ("after a few steps")."""

NOUN_ADJECTIVES = frozenset(
    """
big small little short long large wide slow fast quick high low tiny huge slight sharp light heavy deep brief sudden giant broad
full quarter half great good same right left front rear upper lower single double quick careful circular overhand underhand sideways
forward backward side 90 180 360 degree degrees two-handed one-handed right-handed left-handed handed small-step medium normal
    """.split()
)


class Form(NamedTuple):
    """A form of a verb: its base and which form it is (``third``, ``gerund``, ``past``, ``base``)."""

    base: str
    kind: str


@cache
def verb_forms() -> dict[str, Form]:
    """Every form of every verb of the lexicon. Where two verbs share a form, the more basic reading is kept."""
    forms: dict[str, Form] = {}
    for base in sorted(VERBS):
        for past in past_forms(base):
            forms.setdefault(past, Form(base, "past"))
    for base in sorted(VERBS):
        forms[gerund_of(base)] = Form(base, "gerund")
        forms[third_of(base)] = Form(base, "third")
    for base in sorted(VERBS):
        forms[base] = Form(base, "base")
    forms |= {"was": Form("be", "past"), "were": Form("be", "past"), "are": Form("be", "third"), "am": Form("be", "third")}
    forms |= _DOUBLED
    return forms


_DOUBLED = {
    "travelling": Form("travel", "gerund"), "travelled": Form("travel", "past"), "signalling": Form("signal", "gerund"),
    "jobs": Form("jog", "third"), "jobbing": Form("jog", "gerund"), "beeing": Form("be", "gerund"),
    "strech": Form("stretch", "base"), "streching": Form("stretch", "gerund"), "streched": Form("stretch", "past"),
    "stretchs": Form("stretch", "third"), "mimicking": Form("mimic", "gerund"), "mimicing": Form("mimic", "gerund"),
    "grabing": Form("grab", "gerund"), "squating": Form("squat", "gerund"), "puting": Form("put", "gerund"),
    "preforms": Form("perform", "third"), "preforming": Form("perform", "gerund"), "shovelling": Form("shovel", "gerund"),
    "puches": Form("punch", "third"), "wals": Form("walk", "third"), "rn": Form("run", "base"),
}  # fmt: skip
"""Other spellings, and misspellings that are words of their own."""


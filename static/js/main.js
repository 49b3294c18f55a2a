// What every page does.
import "aigo/fonts"
import "aigo/theme"
import "aigo/times"
import "aigo/provenance"
import "aigo/search"
import "aigo/shortcuts"
import "aigo/slide_links"
